"""Core files: what counts as one, which is the newest, and what is said when there is none."""

import asyncio
import shutil
import subprocess

import pytest

import casebook as cb
from casebook import _api
from casebook._cores import cores

LISTING = """\
total 140
drwxr-xr-x 2 root root  4096 2026-11-22 07:03:00.000000000 +0000 .
drwxr-xr-x 9 root root  4096 2026-11-22 06:00:00.000000000 +0000 ..
-rw------- 1 app  app  65536 2026-11-22 08:02:58.123456789 +0100 core
-rw-r----- 1 root adm   9000 2026-11-21 23:00:00.000000000 +0000 core.nginx.33.0a1b.4711.1795.zst
-rw-r--r-- 1 root root  1200 2026-11-22 07:09:00.000000000 +0000 core.log.1
lrwxrwxrwx 1 root root    11 2026-11-22 07:09:00.000000000 +0000 core.2 -> /etc/shadow
-rw-r--r-- 1 root root   100 2026-11-22 07:09:00.000000000 +0000 README
"""
CATALOG = {
    "ssh": {
        "read": ["/var/crash", "/var/quarantine", "/var/lib/systemd/coredump"],
        "quarantine_from": ["/var/crash"],
        "quarantine_to": "/var/quarantine",
    }
}


class Listed:
    """What a host says of a folder."""

    def __init__(self, stdout="", stderr=""):
        self.stdout, self.stderr, self.ok, self.ending = stdout, stderr, not stderr, ""


class Host(cb.Host):
    """A host with these folders."""

    def __init__(self, folders):
        super().__init__("i-0abc")
        self.folders, self.asked = folders, []

    async def ls(self, path):
        self.asked.append(path)
        return self.folders[path]


@pytest.fixture
def catalog(monkeypatch):
    """The proxy's catalogue, which a test may change."""
    answer = dict(CATALOG)

    async def ask(method, path, *_):
        assert (method, path) == ("GET", "/api/v1/catalog")
        return answer

    monkeypatch.setattr(_api, "ask", ask)
    return answer


def test_plain_files_named_like_a_core_count_and_nothing_else():
    found = cores("/var/crash", LISTING, movable=True)
    assert [core.path for core in found] == [
        "/var/crash/core",
        "/var/crash/core.nginx.33.0a1b.4711.1795.zst",
    ]
    assert (found[0].size, found[0].owner) == (65536, "app")
    assert found[0].modified.isoformat() == "2026-11-22T07:02:58.123456+00:00"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("core", True),
        ("core.4711", True),
        ("core-nginx-4711", True),
        ("nginx.core", True),
        ("_usr_bin_nginx.33.crash", True),
        ("vmcore", True),
        ("core.Web Content.1000.4711", True),
        ("core.log", False),
        ("core.4711.log", False),
        ("corelight", False),
        ("score", False),
        ("encore", False),
    ],
)
def test_the_names_that_kernels_and_collectors_give(name, counts, tmp_path):
    (tmp_path / name).write_bytes(b"x")
    ls = shutil.which("ls")
    words = [ls, "-lab", "--time-style=full-iso", "--", str(tmp_path)]
    listing = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = [core.path for core in cores(str(tmp_path), listing, movable=True)]
    assert found == ([f"{tmp_path}/{name}"] if counts else [])


def test_every_folder_but_the_one_for_moved_files_is_looked_into(catalog):
    systemd = Listed("-rw-r----- 1 root root 7 2026-11-22 07:04:00.5 +0000 core.a.0.b.9.zst\n")
    host = Host({"/var/crash": Listed(LISTING), "/var/lib/systemd/coredump": systemd})
    found = asyncio.run(host.cores())
    assert host.asked == ["/var/crash", "/var/lib/systemd/coredump"]
    assert found.newest.path == "/var/lib/systemd/coredump/core.a.0.b.9.zst"
    assert [core.movable for core in found] == [False, True, True]
    assert "looked into /var/crash, /var/lib/systemd/coredump" in repr(found).lower()
    assert "may be moved" in found.table().html()
    assert found.to_dict()["cores"][1]["path"] == "/var/crash/core"


def test_a_folder_that_cannot_be_listed_is_told_of_and_the_others_count(catalog):
    missing = Listed("", "realpath: /var/lib/systemd/coredump: No such file or directory\n")
    host = Host({"/var/crash": Listed(LISTING), "/var/lib/systemd/coredump": missing})
    found = asyncio.run(host.cores())
    assert found.newest.path == "/var/crash/core"
    assert "/var/lib/systemd/coredump: realpath: " in repr(found)


def test_no_core_says_where_was_looked_and_what_to_do(catalog):
    host = Host({"/var/crash": Listed("total 0\n"), "/var/lib/systemd/coredump": Listed()})
    found = asyncio.run(host.cores())
    assert "There are none." in repr(found)
    with pytest.raises(cb.NoCore, match=r"i-0abc: looked into /var/crash, ") as caught:
        _ = found.newest
    assert "ssh.paths.read" in caught.value.next_step
    catalog["ssh"] = None
    with pytest.raises(cb.NoCore, match=r"names no folder to look into"):
        _ = asyncio.run(host.cores()).newest
