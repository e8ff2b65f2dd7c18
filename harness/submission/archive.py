"""Entries of zip and tar archives, told apart by their first bytes, never by their names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from harness.submission.folder import kind_of
from harness.submission.intake import CHUNK, MIB, Intake, size
from harness.submission.snapshot import Entry, disk

_T = TypeVar("_T")
Kind = Literal["zip", "tar", "gzip", "bzip2", "xz"]
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_TAR_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
}
_UNSUPPORTED = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"))
_DIRECTORY_BYTES = 8 * MIB
_HEADER_BYTES = 256 * 1024
_XZ_MEMORY = 256 * MIB
_BLOCK = 512
_PACK_AGAIN = "pack the folder again as .zip or .tar.gz"


class _HeaderTooLarge(Exception):
    """A header asks for more memory than any honest one."""


class _Bounded(io.BufferedReader):
    """A file that gives at most `cap` bytes per read, `left` in all, and nothing after the deadline.

    zipfile reads a whole directory, tarfile a whole extended header or sparse map, into memory: a header says
    how much.
    """

    def __init__(self, path: Path, cap: int, intake: Intake, left: int = sys.maxsize) -> None:
        super().__init__(io.FileIO(path))
        self.left = left
        self._cap = cap
        self._intake = intake

    def read(self, size: int | None = -1, /) -> bytes:
        self._intake.check_time()
        wanted = self._cap + 1 if size is None or size < 0 else size
        if wanted > self._cap + 1:
            raise _HeaderTooLarge("a header asks for too much memory")
        data = super().read(wanted)
        self.left -= len(data)
        if len(data) > self._cap or self.left < 0:
            raise _HeaderTooLarge("a header asks for too much memory")
        return data


# Everything that the standard library raises on a damaged or hostile archive.
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    LookupError,
    NotImplementedError,
    RecursionError,
    _HeaderTooLarge,
)


def sniff(path: Path, intake: Intake) -> Kind:
    """What kind of archive a file is.

    Raises:
        UsageError: it is none that we take.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_BLOCK)
    except OSError as error:
        raise intake.refused(
            "the file can't be read", detail=error.strerror or "", next_step="check its permissions"
        ) from error
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    named = next((name for magic, name in _UNSUPPORTED if head.startswith(magic)), None)
    what = f"{named} archives are not supported" if named else "not a folder, an archive or a git repository"
    if not head:
        what = "the file is empty"
    raise intake.refused(what, next_step="hand in a folder, a .zip, a .tar.gz (.bz2, .xz) or a git repository")


def archive_entries(path: Path, intake: Intake, scratch: Path) -> Iterator[Entry]:
    """Every entry of an archive; `scratch` is an existing folder for what must be unpacked first.

    Raises:
        UsageError: not an archive, encrypted, damaged, cut short, too large or a bomb.
    """
    kind = sniff(path, intake)
    packed = path.stat().st_size
    if packed > intake.limits.archive_bytes:
        raise intake.refused(
            f"the archive is larger than {size(intake.limits.archive_bytes)}",
            next_step="leave out generated files, data and environments",
        )
    if kind == "zip":
        yield from _guarded(_zip_entries(path, packed, intake), intake)
    elif kind == "tar":
        yield from _guarded(_tar_entries(path, intake), intake)
    else:
        plain = scratch / "unpacked.tar"
        _unpack(path, plain, kind, packed, intake)
        yield from _guarded(_tar_entries(plain, intake), intake)


def _guarded(items: Iterator[_T], intake: Intake) -> Iterator[_T]:
    try:
        yield from items
    except _DAMAGED as error:
        raise intake.refused(
            "the archive is damaged or cut short",
            detail=ascii(str(error) or type(error).__name__)[1:-1][:200],
            next_step=_PACK_AGAIN,
        ) from error


def _zip_entries(path: Path, packed: int, intake: Intake) -> Iterator[Entry]:
    with _Bounded(path, _DIRECTORY_BYTES, intake) as file, zipfile.ZipFile(file) as archive:
        unpacked = [0]
        for info in archive.infolist():
            # Not `filename`: that one is cut at a NUL and may have been replaced by an extra field.
            name = _zip_name(info, intake)
            kind = _zip_kind(info, name)
            if info.flag_bits & 0x41:
                raise intake.refused(
                    "the archive is encrypted", entry=name, next_step="pack it again without a password"
                )
            if kind == "file" and info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise intake.refused(
                    "an entry is packed with an unusual method",
                    entry=name,
                    next_step=_PACK_AGAIN,
                )
            yield Entry(name, kind, partial(_zip_chunks, archive, info, packed, unpacked, intake))


def _zip_name(info: zipfile.ZipInfo, intake: Intake) -> str:
    name = info.orig_filename
    if info.flag_bits & 0x800 or name.isascii():
        return name
    # Without the flag zipfile reads code page 437; what common tools write there is UTF-8.
    try:
        return name.encode("cp437").decode()
    except UnicodeDecodeError as error:
        raise intake.refused(
            "a name is not UTF-8", entry=name, next_step="pack the folder again with a tool that writes UTF-8 names"
        ) from error


def _zip_kind(info: zipfile.ZipInfo, name: str) -> str:
    mode = info.external_attr >> 16
    if mode & 0o170000 and (kind := kind_of(mode)) != "file":
        return kind
    return "folder" if name.endswith("/") else "file"


def _zip_chunks(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: int, unpacked: list[int], intake: Intake
) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        with archive.open(info) as member:
            while chunk := member.read(CHUNK):
                unpacked[0] += len(chunk)
                intake.check_ratio(unpacked[0], packed)
                yield chunk

    return _guarded(chunks(), intake)


def _tar_entries(path: Path, intake: Intake) -> Iterator[Entry]:
    with (
        _Bounded(path, CHUNK, intake, left=_HEADER_BYTES) as file,
        tarfile.open(fileobj=file, mode="r:") as archive,
    ):
        reached = -1
        # Negative sizes make some releases of tarfile go round in circles.
        while (member := archive.next()) is not None:
            if member.offset <= reached or member.size < 0:
                raise tarfile.ReadError("entries that overlap")
            reached = member.offset
            file.left = sys.maxsize
            yield Entry(member.name, _tar_kind(member), partial(_tar_chunks, archive, member, intake))
            file.left = _HEADER_BYTES
        # tarfile takes a header that is cut off for the end; the real end is a block of zeros.
        file.seek(archive.offset)
        if file.read(_BLOCK) != bytes(_BLOCK):
            raise tarfile.ReadError("no end-of-archive mark")


def _tar_kind(member: tarfile.TarInfo) -> str:
    return "a sparse file" if member.issparse() else _TAR_KINDS.get(member.type, "of an unknown kind")


def _tar_chunks(archive: tarfile.TarFile, member: tarfile.TarInfo, intake: Intake) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        content = archive.extractfile(member)
        while content is not None and (chunk := content.read(CHUNK)):
            yield chunk

    return _guarded(chunks(), intake)


def _unpack(path: Path, target: Path, kind: Kind, packed: int, intake: Intake) -> None:
    unpacked = 0
    with target.open("wb") as file, path.open("rb") as raw:
        for chunk in _guarded(_plain(raw, kind), intake):
            intake.check_time()
            unpacked += len(chunk)
            intake.check_ratio(unpacked, packed)
            if unpacked > intake.limits.stream_bytes:
                raise intake.refused(
                    f"the archive unpacks to more than {size(intake.limits.stream_bytes)}",
                    next_step="leave out generated files, data and environments",
                )
            with disk(target):
                file.write(chunk)


def _plain(raw: BinaryIO, kind: Kind) -> Iterator[bytes]:
    if kind == "xz":
        yield from _xz(raw)
        return
    with gzip.GzipFile(fileobj=raw) if kind == "gzip" else bz2.BZ2File(raw) as stream:
        while chunk := stream.read(4 * CHUNK):
            yield chunk


def _xz(raw: BinaryIO) -> Iterator[bytes]:
    # lzma.LZMAFile has no memory limit, and a header may ask for 4 GiB.
    data = raw.read(CHUNK)
    while data:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        while True:
            yield decoder.decompress(data, 4 * CHUNK)
            if decoder.eof:
                break
            data = raw.read(CHUNK) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise EOFError("the stream is cut short")
        # Streams may follow each other, with zeros between them.
        data = decoder.unused_data.lstrip(b"\0")
        while not data and (more := raw.read(CHUNK)):
            data = more.lstrip(b"\0")
