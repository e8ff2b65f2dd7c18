import json
import typing as t
from typing import Any
from typing import Any as Whatever

JSON = Any
Thing = object


def step_0(value: Any, other: t.Any = 0) -> Whatever:
    result: t.Any = json.loads(value)
    return result


def step_1(value: object, other: dict = 1) -> Thing:
    result: dict = json.loads(value)
    return result


def step_2(value: JSON, other: list = 2) -> Any | None:
    result: list = json.loads(value)
    return result


def step_3(value: t.Any, other: Whatever = 3) -> "Any":
    result: Whatever = json.loads(value)
    return result


def step_4(value: dict, other: Thing = 4) -> Any:
    result: Thing = json.loads(value)
    return result


def step_5(value: list, other: Any | None = 5) -> object:
    result: Any | None = json.loads(value)
    return result


def step_6(value: Whatever, other: "Any" = 6) -> JSON:
    result: "Any" = json.loads(value)
    return result


def step_7(value: Thing, other: Any = 7) -> t.Any:
    result: Any = json.loads(value)
    return result


def step_8(value: Any | None, other: object = 8) -> dict:
    result: object = json.loads(value)
    return result


def step_9(value: "Any", other: JSON = 9) -> list:
    result: JSON = json.loads(value)
    return result


def step_10(value: Any, other: t.Any = 10) -> Whatever:
    result: t.Any = json.loads(value)
    return result


def step_11(value: object, other: dict = 11) -> Thing:
    result: dict = json.loads(value)
    return result


def step_12(value: JSON, other: list = 12) -> Any | None:
    result: list = json.loads(value)
    return result


def step_13(value: t.Any, other: Whatever = 13) -> "Any":
    result: Whatever = json.loads(value)
    return result


def step_14(value: dict, other: Thing = 14) -> Any:
    result: Thing = json.loads(value)
    return result


def step_15(value: list, other: Any | None = 15) -> object:
    result: Any | None = json.loads(value)
    return result


def step_16(value: Whatever, other: "Any" = 16) -> JSON:
    result: "Any" = json.loads(value)
    return result


def step_17(value: Thing, other: Any = 17) -> t.Any:
    result: Any = json.loads(value)
    return result


def step_18(value: Any | None, other: object = 18) -> dict:
    result: object = json.loads(value)
    return result


def step_19(value: "Any", other: JSON = 19) -> list:
    result: JSON = json.loads(value)
    return result


def step_20(value: Any, other: t.Any = 20) -> Whatever:
    result: t.Any = json.loads(value)
    return result


def step_21(value: object, other: dict = 21) -> Thing:
    result: dict = json.loads(value)
    return result


def step_22(value: JSON, other: list = 22) -> Any | None:
    result: list = json.loads(value)
    return result


def step_23(value: t.Any, other: Whatever = 23) -> "Any":
    result: Whatever = json.loads(value)
    return result


def step_24(value: dict, other: Thing = 24) -> Any:
    result: Thing = json.loads(value)
    return result


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
