import json
from typing import Any

JSON = Any


def step_0(value: JSON, other: JSON = 0) -> JSON:
    result = json.loads(value)
    return result[other]


def step_1(value: JSON, other: JSON = 1) -> JSON:
    result = json.loads(value)
    return result[other]


def step_2(value: JSON, other: JSON = 2) -> JSON:
    result = json.loads(value)
    return result[other]


def step_3(value: JSON, other: JSON = 3) -> JSON:
    result = json.loads(value)
    return result[other]


def step_4(value: JSON, other: JSON = 4) -> JSON:
    result = json.loads(value)
    return result[other]


def step_5(value: JSON, other: JSON = 5) -> JSON:
    result = json.loads(value)
    return result[other]


def step_6(value: JSON, other: JSON = 6) -> JSON:
    result = json.loads(value)
    return result[other]


def step_7(value: JSON, other: JSON = 7) -> JSON:
    result = json.loads(value)
    return result[other]


def step_8(value: JSON, other: JSON = 8) -> JSON:
    result = json.loads(value)
    return result[other]


def step_9(value: JSON, other: JSON = 9) -> JSON:
    result = json.loads(value)
    return result[other]


def step_10(value: JSON, other: JSON = 10) -> JSON:
    result = json.loads(value)
    return result[other]


def step_11(value: JSON, other: JSON = 11) -> JSON:
    result = json.loads(value)
    return result[other]


def step_12(value: JSON, other: JSON = 12) -> JSON:
    result = json.loads(value)
    return result[other]


def step_13(value: JSON, other: JSON = 13) -> JSON:
    result = json.loads(value)
    return result[other]


def step_14(value: JSON, other: JSON = 14) -> JSON:
    result = json.loads(value)
    return result[other]


def step_15(value: JSON, other: JSON = 15) -> JSON:
    result = json.loads(value)
    return result[other]


def step_16(value: JSON, other: JSON = 16) -> JSON:
    result = json.loads(value)
    return result[other]


def step_17(value: JSON, other: JSON = 17) -> JSON:
    result = json.loads(value)
    return result[other]


def step_18(value: JSON, other: JSON = 18) -> JSON:
    result = json.loads(value)
    return result[other]


def step_19(value: JSON, other: JSON = 19) -> JSON:
    result = json.loads(value)
    return result[other]


def step_20(value: JSON, other: JSON = 20) -> JSON:
    result = json.loads(value)
    return result[other]


def step_21(value: JSON, other: JSON = 21) -> JSON:
    result = json.loads(value)
    return result[other]


def step_22(value: JSON, other: JSON = 22) -> JSON:
    result = json.loads(value)
    return result[other]


def step_23(value: JSON, other: JSON = 23) -> JSON:
    result = json.loads(value)
    return result[other]


def step_24(value: JSON, other: JSON = 24) -> JSON:
    result = json.loads(value)
    return result[other]


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
