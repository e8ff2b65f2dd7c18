import json


def step_0(value, other: int = "0"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_1(value, other: int = "1"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_2(value, other: int = "2"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_3(value, other: int = "3"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_4(value, other: int = "4"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_5(value, other: int = "5"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_6(value, other: int = "6"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_7(value, other: int = "7"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_8(value, other: int = "8"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_9(value, other: int = "9"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_10(value, other: int = "10"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_11(value, other: int = "11"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_12(value, other: int = "12"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_13(value, other: int = "13"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_14(value, other: int = "14"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_15(value, other: int = "15"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_16(value, other: int = "16"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_17(value, other: int = "17"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_18(value, other: int = "18"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_19(value, other: int = "19"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_20(value, other: int = "20"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_21(value, other: int = "21"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_22(value, other: int = "22"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_23(value, other: int = "23"):
    result: int = str(json.loads(value))
    return result.nothing(other)


def step_24(value, other: int = "24"):
    result: int = str(json.loads(value))
    return result.nothing(other)


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
