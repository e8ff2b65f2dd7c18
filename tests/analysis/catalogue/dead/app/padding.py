def filler_0(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_1(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_2(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_3(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_4(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_5(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_6(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_7(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_8(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_9(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_10(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_11(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_12(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_13(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_14(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_15(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_16(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_17(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_18(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_19(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_20(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_21(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_22(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_23(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_24(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_25(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_26(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_27(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_28(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_29(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_30(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_31(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_32(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_33(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_34(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_35(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_36(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_37(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_38(a: int, b: int, c: int) -> int:
    return a + b + c


def filler_39(a: int, b: int, c: int) -> int:
    return a + b + c


