import json


def step_0(value: object, other: object = 0) -> object:
    result = json.loads(value)
    return result[other]


def step_1(value: object, other: object = 1) -> object:
    result = json.loads(value)
    return result[other]


def step_2(value: object, other: object = 2) -> object:
    result = json.loads(value)
    return result[other]


def step_3(value: object, other: object = 3) -> object:
    result = json.loads(value)
    return result[other]


def step_4(value: object, other: object = 4) -> object:
    result = json.loads(value)
    return result[other]


def step_5(value: object, other: object = 5) -> object:
    result = json.loads(value)
    return result[other]


def step_6(value: object, other: object = 6) -> object:
    result = json.loads(value)
    return result[other]


def step_7(value: object, other: object = 7) -> object:
    result = json.loads(value)
    return result[other]


def step_8(value: object, other: object = 8) -> object:
    result = json.loads(value)
    return result[other]


def step_9(value: object, other: object = 9) -> object:
    result = json.loads(value)
    return result[other]


def step_10(value: object, other: object = 10) -> object:
    result = json.loads(value)
    return result[other]


def step_11(value: object, other: object = 11) -> object:
    result = json.loads(value)
    return result[other]


def step_12(value: object, other: object = 12) -> object:
    result = json.loads(value)
    return result[other]


def step_13(value: object, other: object = 13) -> object:
    result = json.loads(value)
    return result[other]


def step_14(value: object, other: object = 14) -> object:
    result = json.loads(value)
    return result[other]


def step_15(value: object, other: object = 15) -> object:
    result = json.loads(value)
    return result[other]


def step_16(value: object, other: object = 16) -> object:
    result = json.loads(value)
    return result[other]


def step_17(value: object, other: object = 17) -> object:
    result = json.loads(value)
    return result[other]


def step_18(value: object, other: object = 18) -> object:
    result = json.loads(value)
    return result[other]


def step_19(value: object, other: object = 19) -> object:
    result = json.loads(value)
    return result[other]


def step_20(value: object, other: object = 20) -> object:
    result = json.loads(value)
    return result[other]


def step_21(value: object, other: object = 21) -> object:
    result = json.loads(value)
    return result[other]


def step_22(value: object, other: object = 22) -> object:
    result = json.loads(value)
    return result[other]


def step_23(value: object, other: object = 23) -> object:
    result = json.loads(value)
    return result[other]


def step_24(value: object, other: object = 24) -> object:
    result = json.loads(value)
    return result[other]


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
