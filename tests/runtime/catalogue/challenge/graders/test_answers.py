"""The one check of the smallest challenge."""

from harness.authoring import Api, check


@check(
    "answers", skill="craft", level="junior", passed="It answers", failed="It does not answer",
    why="Nothing works without it.", hint="Serve GET /healthz.",
)
async def test_health_answers(api: Api) -> None:
    """GET /healthz answers 200."""
    (await api.get("/healthz")).expect_status(200)
