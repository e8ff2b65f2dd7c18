from fastapi import FastAPI, HTTPException, Response

app = FastAPI()
ITEMS = ["pen", "cup"]


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/items")
async def items() -> list[str]:
    return ITEMS


@app.get("/items/{index}")
async def item(index: int) -> dict[str, str]:
    if index >= len(ITEMS):
        raise HTTPException(404)
    return {"id": str(index), "name": ITEMS[index]}


@app.post("/items", status_code=201)
async def add(response: Response) -> dict[str, str]:
    response.headers["Location"] = "/items/2"
    return {"id": "2", "name": "new"}


def never_called() -> int:
    return 1
