"""Models: each version, loaded once, by a thread that nobody waits for."""

import threading

import digit_model


class Models:
    """The loaded versions. Empty at first, complete when `ready`."""

    def __init__(self) -> None:
        self._loaded: dict[str, digit_model.Model] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._load, name="load", daemon=True)

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    def start(self) -> None:
        self._thread.start()

    def get(self, version: str) -> digit_model.Model:
        """A version that is there, once `ready`."""
        return self._loaded[version]

    def all(self) -> list[digit_model.Model]:
        """The oldest first."""
        return [self._loaded[version] for version in digit_model.versions()]

    def _load(self) -> None:
        for version in digit_model.versions():
            self._loaded[version] = digit_model.load(version)
        self._ready.set()
