import json


def step_0(value, other=0):
    result = json.loads(value)
    return result[other]


def step_1(value, other=1):
    result = json.loads(value)
    return result[other]


def step_2(value, other=2):
    result = json.loads(value)
    return result[other]


def step_3(value, other=3):
    result = json.loads(value)
    return result[other]


def step_4(value, other=4):
    result = json.loads(value)
    return result[other]


def step_5(value, other=5):
    result = json.loads(value)
    return result[other]


def step_6(value, other=6):
    result = json.loads(value)
    return result[other]


def step_7(value, other=7):
    result = json.loads(value)
    return result[other]


def step_8(value, other=8):
    result = json.loads(value)
    return result[other]


def step_9(value, other=9):
    result = json.loads(value)
    return result[other]


def step_10(value, other=10):
    result = json.loads(value)
    return result[other]


def step_11(value, other=11):
    result = json.loads(value)
    return result[other]


def step_12(value, other=12):
    result = json.loads(value)
    return result[other]


def step_13(value, other=13):
    result = json.loads(value)
    return result[other]


def step_14(value, other=14):
    result = json.loads(value)
    return result[other]


def step_15(value, other=15):
    result = json.loads(value)
    return result[other]


def step_16(value, other=16):
    result = json.loads(value)
    return result[other]


def step_17(value, other=17):
    result = json.loads(value)
    return result[other]


def step_18(value, other=18):
    result = json.loads(value)
    return result[other]


def step_19(value, other=19):
    result = json.loads(value)
    return result[other]


def step_20(value, other=20):
    result = json.loads(value)
    return result[other]


def step_21(value, other=21):
    result = json.loads(value)
    return result[other]


def step_22(value, other=22):
    result = json.loads(value)
    return result[other]


def step_23(value, other=23):
    result = json.loads(value)
    return result[other]


def step_24(value, other=24):
    result = json.loads(value)
    return result[other]


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
