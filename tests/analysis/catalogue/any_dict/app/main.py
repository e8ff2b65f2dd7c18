import json


def step_0(value: dict, other: dict = 0) -> dict:
    result = json.loads(value)
    return result[other]


def step_1(value: dict, other: dict = 1) -> dict:
    result = json.loads(value)
    return result[other]


def step_2(value: dict, other: dict = 2) -> dict:
    result = json.loads(value)
    return result[other]


def step_3(value: dict, other: dict = 3) -> dict:
    result = json.loads(value)
    return result[other]


def step_4(value: dict, other: dict = 4) -> dict:
    result = json.loads(value)
    return result[other]


def step_5(value: dict, other: dict = 5) -> dict:
    result = json.loads(value)
    return result[other]


def step_6(value: dict, other: dict = 6) -> dict:
    result = json.loads(value)
    return result[other]


def step_7(value: dict, other: dict = 7) -> dict:
    result = json.loads(value)
    return result[other]


def step_8(value: dict, other: dict = 8) -> dict:
    result = json.loads(value)
    return result[other]


def step_9(value: dict, other: dict = 9) -> dict:
    result = json.loads(value)
    return result[other]


def step_10(value: dict, other: dict = 10) -> dict:
    result = json.loads(value)
    return result[other]


def step_11(value: dict, other: dict = 11) -> dict:
    result = json.loads(value)
    return result[other]


def step_12(value: dict, other: dict = 12) -> dict:
    result = json.loads(value)
    return result[other]


def step_13(value: dict, other: dict = 13) -> dict:
    result = json.loads(value)
    return result[other]


def step_14(value: dict, other: dict = 14) -> dict:
    result = json.loads(value)
    return result[other]


def step_15(value: dict, other: dict = 15) -> dict:
    result = json.loads(value)
    return result[other]


def step_16(value: dict, other: dict = 16) -> dict:
    result = json.loads(value)
    return result[other]


def step_17(value: dict, other: dict = 17) -> dict:
    result = json.loads(value)
    return result[other]


def step_18(value: dict, other: dict = 18) -> dict:
    result = json.loads(value)
    return result[other]


def step_19(value: dict, other: dict = 19) -> dict:
    result = json.loads(value)
    return result[other]


def step_20(value: dict, other: dict = 20) -> dict:
    result = json.loads(value)
    return result[other]


def step_21(value: dict, other: dict = 21) -> dict:
    result = json.loads(value)
    return result[other]


def step_22(value: dict, other: dict = 22) -> dict:
    result = json.loads(value)
    return result[other]


def step_23(value: dict, other: dict = 23) -> dict:
    result = json.loads(value)
    return result[other]


def step_24(value: dict, other: dict = 24) -> dict:
    result = json.loads(value)
    return result[other]


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
