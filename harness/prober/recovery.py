"""Recovery: after a check that may have broken something, the next one starts from a service that answers.

One root cause deducts once: a service that one check has killed or wedged is started again, and only when it doesn't
come back are the checks that follow blocked by that one.
"""

from __future__ import annotations

import sys

from harness.authoring.api import Api
from harness.authoring.lifecycle import Lifecycle
from harness.authoring.outcomes import Fail, NoAnswer, Outcome
from harness.prober.readiness import PATH, state_of

_PATIENCE_S = 15.0
_BACK_S = 60.0


async def recover(base_url: str, pod: Lifecycle, back_s: float = _BACK_S, *, afresh: bool = False) -> bool:
    """Whether the service answers, after a restart where one was needed, or wanted (`afresh`).

    True also where the host can't restart anything: then the next check finds out for itself.
    """
    try:
        await _postgres(pod)
        if not afresh and await _answers(base_url):
            return True
        state = await state_of(pod)
        if state is None:
            return True
        if state.running:
            await pod.restart("candidate")
        else:
            await pod.start("candidate")
        await pod.wait_ready(back_s, PATH)
    except Fail:
        return False
    except Outcome as error:
        print(f"recovery: {error}", file=sys.stderr)
    finally:
        pod.touched.clear()
    return True


async def _postgres(pod: Lifecycle) -> None:
    if "postgres" in pod.touched and not (await pod.state("postgres")).running:
        await pod.start("postgres")


async def _answers(base_url: str) -> bool:
    async with Api(base_url) as api:
        try:
            await api.get(PATH, deadline_s=_PATIENCE_S)
        except NoAnswer:
            return False
    return True
