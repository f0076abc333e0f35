"""The bundled server runs from any folder and any account, and says in words why it cannot."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.processes import Holder, installation, of_home, wait_until_nobody_is_left
from zhike.core.postgres import BundledPostgres, PostgresFailed, django_database, parse_url, places, programs
from zhike.core.postgres.places import Account, in_words, socket_folder, state_root

pytestmark = pytest.mark.faults
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def able_to_run_python(user: int) -> bool:
    try:
        subprocess.run([sys.executable, "-c", "import zhike"], user=user, check=True, cwd="/", capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def answers(server: BundledPostgres) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_several_homes_run_side_by_side(tmp_path: Path) -> None:
    with installation(tmp_path / "one") as one, installation(tmp_path / "two") as two:
        with BundledPostgres(one) as first, BundledPostgres(two) as second:
            first.ensure_database("only_here")
            first.ensure_database("only_here")
            with pytest.raises(psycopg.OperationalError, match="does not exist"):
                psycopg.connect(second.dsn("only_here"))
        assert of_home(one) + of_home(two) == []


def test_sorting_and_encoding_do_not_depend_on_the_system(home: Path) -> None:
    with BundledPostgres(home) as server, psycopg.connect(server.dsn()) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), current_setting('jit'), "
            "upper('é') FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert row == ("b", "C.UTF-8", "UTF8", "off", "É")


@pytest.mark.parametrize("name", ["客户 数据", "it's, here", "x" * 120], ids=["chinese", "quoted", "long"])
def test_a_home_of_any_name_works(tmp_path: Path, name: str) -> None:
    with installation(tmp_path / name) as home, BundledPostgres(home) as server:
        assert answers(server)
        assert django_database(home)["HOST"] == str(server.sockets)


def test_only_the_servers_account_can_reach_the_socket(home: Path) -> None:
    with BundledPostgres(home) as server:
        assert mode(server.sockets) == 0o700
        assert mode(state_root(home) / "data") == 0o700
        assert server.sockets.stat().st_uid == Account.of_this_process().uid
        assert not (server.sockets / ".s.PGSQL.5432").stat().st_mode & 0o077


def test_a_folder_made_by_somebody_else_keeps_its_mode(home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    with BundledPostgres(home) as server:
        assert answers(server)
    assert mode(home) == 0o755


def test_a_socket_folder_open_to_others_is_refused(home: Path) -> None:
    folder = socket_folder(home)
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with pytest.raises(PostgresFailed, match="is not used"), BundledPostgres(home):
        pass
    assert mode(folder) == 0o777


def test_status_says_what_runs_without_starting_it(home: Path) -> None:
    server = BundledPostgres(home)
    assert server.status().answer.value == "silent"
    with server:
        status = server.status()
        assert (status.answer.value, status.guarded) == ("up", True)
        assert status.version.startswith("18.")
    assert server.status().guarded is False


def test_data_of_another_version_is_answered_in_words(home: Path) -> None:
    with BundledPostgres(home):
        pass
    (state_root(home) / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresFailed, match=r"(?s)另一版本.*another version.*initialized by PostgreSQL version 15"):
        BundledPostgres(home).__enter__()
    wait_until_nobody_is_left(home)


def test_characters_that_the_programs_cannot_take_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "ROOT_STATE", tmp_path / 'a"b')
    with pytest.raises(PostgresFailed, match="请换一个数据目录"), BundledPostgres(tmp_path / 'a"b'):
        pass


def test_a_missing_unprivileged_account_is_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "UNPRIVILEGED", "no-such-account")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(PostgresFailed, match="run as an ordinary user"):
        Account.of_this_process()


def test_a_folder_without_permission_is_answered_in_words(tmp_path: Path) -> None:
    said = str(in_words(PermissionError(errno.EACCES, "Permission denied", "/somewhere"), tmp_path))
    assert (
        said
        == "无法使用 / cannot use /somewhere: 没有权限，请检查目录归属 / permission denied, check whose folder it is"
    )


def test_a_home_below_a_file_is_answered_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(places, "ROOT_STATE", tmp_path / "file" / "state")
    with pytest.raises(PostgresFailed, match="不是目录 / is not a folder"), BundledPostgres(tmp_path / "file" / "home"):
        pass


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 40 MB: less than a new cluster needs."""
    mounted = Path(tempfile.mkdtemp())
    options: list[str | Path] = ["-t", "tmpfs", "-o", "size=40m,mode=755", "tmpfs", mounted]
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("no right to mount a small file system")
    yield mounted
    subprocess.run(["umount", "--lazy", mounted], check=True)
    mounted.rmdir()


@as_root
def test_a_full_disk_is_answered_in_words_and_a_start_with_room_works(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "ROOT_STATE", small_disk)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 30 * 1024**2)
    home = small_disk / "home"
    with pytest.raises(PostgresFailed, match=r"(?s)磁盘已满，请腾出空间 / the disk is full.*No space left"):
        BundledPostgres(home).__enter__()
    wait_until_nobody_is_left(home)
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    with BundledPostgres(home, settings={"min_wal_size": "32MB", "max_wal_size": "64MB"}) as server:
        assert answers(server)


@as_root
def test_root_runs_it_as_an_unprivileged_account(home: Path) -> None:
    with BundledPostgres(home) as server:
        owners = {process.username() for process in of_home(home) if process.name() == "postgres"}
        assert owners == {"nobody"}
        assert answers(server)
    assert (state_root(home) / "home.txt").read_text().strip() == str(home)


@as_root
def test_root_with_a_closed_environment_and_a_strict_umask_copies_the_programs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = programs.binaries()
    before = os.umask(0o077)
    place = Path(tempfile.mkdtemp())  # 0700, as a virtual environment in root's own folder
    try:
        site = place / "site"
        shutil.copytree(original.parent, site / original.parent.relative_to(original.parents[2]), symlinks=True)
        libraries = original.parents[2] / f"{original.parents[1].name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, site / libraries.name)
        for path in site.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o700)
        monkeypatch.setattr(programs, "binaries", lambda: site / original.relative_to(original.parents[2]))
        monkeypatch.setattr(programs, "ROOT_STATE", root := Path(tempfile.mkdtemp()))
        root.chmod(0o755)
        programs.reachable_binaries.cache_clear()
        with BundledPostgres(home) as server:
            assert answers(server)
            assert programs.reachable_binaries(server.cluster.account).is_relative_to(root)
    finally:
        os.umask(before)
        programs.reachable_binaries.cache_clear()
        shutil.rmtree(place)
        shutil.rmtree(root)


@as_root
def test_an_ordinary_account_runs_it_as_itself() -> None:
    nobody = pwd.getpwnam("nobody")
    if not able_to_run_python(nobody.pw_uid):
        pytest.skip("our Python stands where only root may go")
    home = Path(tempfile.mkdtemp())
    shutil.chown(home, nobody.pw_uid, nobody.pw_gid)
    holder = Holder(home, user=nobody.pw_uid)
    try:
        address = holder.wait_until_up()
        assert f"host={home}/postgres/s" in address
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert "Traceback" not in holder.leave()
        assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    finally:
        holder.kill()
        shutil.rmtree(home)


def test_an_address_of_ones_own_server_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://%E5%BC%A0:p%40s%2Fs%3A@[::1]:6432/b2b?sslmode=verify-full&x=a%20b")
    found = django_database(home)
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "b2b",
        "USER": "张",
        "PASSWORD": "p@s/s:",
        "HOST": "::1",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "verify-full", "x": "a b"},
    }
    assert found["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize("url", ["mysql://host/name", "postgresql://host", "postgresql://host:port/name", "zhike"])
def test_an_address_that_cannot_be_meant_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="应写作"):
        parse_url(url)
