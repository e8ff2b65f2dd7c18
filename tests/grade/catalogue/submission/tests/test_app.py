from app.main import app


def test_app_has_routes() -> None:
    assert app.routes
