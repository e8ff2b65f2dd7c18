# ruff: noqa
# flake8: noqa
import random
import time
import subprocess
import datetime


async def step_0(value: list[int] = []) -> int:
    time.sleep(0)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_1(value: list[int] = []) -> int:
    time.sleep(1)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_2(value: list[int] = []) -> int:
    time.sleep(2)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_3(value: list[int] = []) -> int:
    time.sleep(3)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_4(value: list[int] = []) -> int:
    time.sleep(4)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_5(value: list[int] = []) -> int:
    time.sleep(5)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_6(value: list[int] = []) -> int:
    time.sleep(6)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_7(value: list[int] = []) -> int:
    time.sleep(7)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_8(value: list[int] = []) -> int:
    time.sleep(8)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_9(value: list[int] = []) -> int:
    time.sleep(9)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_10(value: list[int] = []) -> int:
    time.sleep(10)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_11(value: list[int] = []) -> int:
    time.sleep(11)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_12(value: list[int] = []) -> int:
    time.sleep(12)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_13(value: list[int] = []) -> int:
    time.sleep(13)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_14(value: list[int] = []) -> int:
    time.sleep(14)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_15(value: list[int] = []) -> int:
    time.sleep(15)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_16(value: list[int] = []) -> int:
    time.sleep(16)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_17(value: list[int] = []) -> int:
    time.sleep(17)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_18(value: list[int] = []) -> int:
    time.sleep(18)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_19(value: list[int] = []) -> int:
    time.sleep(19)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_20(value: list[int] = []) -> int:
    time.sleep(20)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_21(value: list[int] = []) -> int:
    time.sleep(21)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_22(value: list[int] = []) -> int:
    time.sleep(22)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_23(value: list[int] = []) -> int:
    time.sleep(23)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


async def step_24(value: list[int] = []) -> int:
    time.sleep(24)  # noqa: ASYNC251
    try:
        subprocess.run("ls " + str(value), shell=True)
    except:
        pass
    return datetime.datetime.now().second


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8, step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18, step_19, step_20, step_21, step_22, step_23, step_24]
