"""Keep trials for good: append-only rows in SQLite (default) or PostgreSQL (by URL).

Trials are rows that nothing changes or removes; triggers hold that against every client. When a
round is finished, the numbers that ranking needs are packed beside the rows into one blob per
round, so that ranking a task reads some blobs instead of all its rows. Packs are derived: the
rows of an unfinished round are packed on the fly, and `Store.rebuild` makes all packs anew.

It knows no ranking (`harness.rank`) and, on PostgreSQL, makes no database and no user. SQLite's
write-ahead log needs a local disk: on a cluster one process writes, not every node.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import platformdirs
import sqlalchemy as sa

from harness.pack import PACKED, pack, seconds, unpack
from harness.vocabulary import Refused, Round, Size, Trial, Unknown

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 2
"""Version of the tables below; an older store is brought to it, one with a newer is refused."""

BUSY_MS = 30_000
"""How long one writer waits for another before it gives up."""

# ---------------------------------------------------------------------------------------------
# Tables


class _Real(sa.types.TypeDecorator[float]):
    """A float whose NaN is NULL, so that SQL's own aggregates skip it."""

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: sa.Dialect) -> float | None:
        return None if value is None or math.isnan(value) else float(value)

    def process_result_value(self, value: float | None, dialect: sa.Dialect) -> float:
        return math.nan if value is None else value


class _Json(sa.types.TypeDecorator[Any]):
    """JSON as Python writes it: text, because PostgreSQL's own type has no NaN and infinity."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        return json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return json.loads(value or "null")


# Ids sort by their bytes everywhere, so that a prefix is a range of the primary key.
_Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_metadata = sa.MetaData()

_schema = sa.Table("schema_version", _metadata, sa.Column("version", sa.Integer, primary_key=True))

_rounds = sa.Table(
    "rounds",
    _metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("task_version", sa.Integer, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("seeds", _Json, nullable=False),
    sa.Column("submissions", _Json, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("machine", _Json, nullable=False),
    sa.Column("started", sa.Text, nullable=False),
    sa.Column("finished", sa.Text),
    sa.Column("arrival", sa.Integer, nullable=False, server_default="0"),
    sa.Index("rounds_of_task", "task", "size", "task_version"),
    sa.Index("rounds_in_order", "arrival"),
)
# What is later is told by this number: a clock may be set back between two rounds.
_NEXT = sa.select(sa.func.coalesce(sa.func.max(_rounds.c.arrival), 0) + 1).scalar_subquery()
_BEGIN = _rounds.insert().values(arrival=_NEXT)

_trials = sa.Table(
    "trials",
    _metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("round", _Id, sa.ForeignKey("rounds.id"), nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("task_version", sa.Integer, nullable=False),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("visible", _Real),
    sa.Column("heldout", _Real),
    sa.Column("quality", _Real),
    sa.Column("stderr", _Real),
    sa.Column("artifact_bytes", sa.BigInteger, nullable=False),
    sa.Column("embedded_bytes", sa.BigInteger, nullable=False),
    sa.Column("fit_seconds", _Real),
    sa.Column("fit_wall", _Real),
    sa.Column("predict_seconds", _Real),
    sa.Column("predict_wall", _Real),
    sa.Column("choose_seconds", _Real),
    sa.Column("timed_seconds", _Real),
    sa.Column("pacer_seconds", _Real),
    sa.Column("peak_bytes", sa.BigInteger, nullable=False),
    sa.Column("isolation", _Json, nullable=False),
    sa.Column("missing", _Json, nullable=False),
    sa.Column("extra", _Json, nullable=False),
    sa.Column("versions", _Json, nullable=False),
    sa.Column("finished", sa.Text, nullable=False),
    # Last, because SQLite reads a row from the left and series can be megabytes.
    sa.Column("series", _Json, nullable=False),
    sa.UniqueConstraint("round", "submission", "seed"),
)

_packs = sa.Table(
    "packs",
    _metadata,
    sa.Column("round", _Id, sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("extra_names", sa.Text, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),
)

_verifications = sa.Table(
    "verifications",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("trial", _Id, sa.ForeignKey("trials.id"), nullable=False),
    sa.Column("reproduced", sa.Boolean, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

# Built once: building them anew would cost an append half of its time.
_ROUND = _rounds.select().where(_rounds.c.id == sa.bindparam("id"))
_ROUND_LOCKED = _ROUND.with_for_update()
_IN_PLACE_OF = sa.select(_trials.c.id, _trials.c.round, _trials.c.submission, _trials.c.seed).where(
    (_trials.c.id == sa.bindparam("id"))
    | (
        (_trials.c.round == sa.bindparam("round"))
        & (_trials.c.submission == sa.bindparam("submission"))
        & (_trials.c.seed == sa.bindparam("seed"))
    )
)
_ADD = _trials.insert()
_FIELDS = tuple(column.name for column in _trials.columns)

_APPEND_ONLY = ("trials", "verifications")


def _append_only(dialect: str) -> Iterator[str]:
    """Yield the statements that make change and removal of rows an error."""
    if dialect == "sqlite":
        for table in _APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
                )
        return
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are append-only'; END $$"
    )
    for table in _APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


# ---------------------------------------------------------------------------------------------
# Errors

_CAUSES = {
    # SQLite's error names and PostgreSQL's SQLSTATE classes, the longest match first
    "SQLITE_READONLY": "is read-only: give this user the right to write it and its folder",
    "SQLITE_BUSY": f"was locked by another program for {BUSY_MS // 1000} s: end it, or try again",
    "SQLITE_LOCKED": "is locked by another program: end it, or try again",
    "SQLITE_CORRUPT": "is damaged: restore it from a copy",
    "SQLITE_NOTADB": "is not a SQLite database: name another file",
    "SQLITE_FULL": "has no room left on its disk: nothing was written, free some space",
    "SQLITE_CANTOPEN": "cannot be opened: check that its folder exists and may be written",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
    "25006": "is read-only: connect to a server that accepts writes",
    "42501": "may not be written by this user: grant it the tables and the schema",
    "53100": "has no room left on its disk: nothing was written, free some space",
    "55P03": f"was locked by another program for {BUSY_MS // 1000} s: end it, or try again",
    "XX001": "is damaged: restore it from a copy",
    "XX002": "is damaged: restore it from a copy",
    "08": "cannot be reached: check the URL and that the server runs",
    "28": "does not let this user in: check the user and the password",
    "3D": "does not exist: create the database first",
    "57": "was shut down: start the server and try again",
}


def _refusal(place: str, error: BaseException) -> Refused | None:
    """Put a database's error into one line; None where it is not one of the expected."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    if code is None and type(error).__name__ == "OperationalError":
        code = "08"  # psycopg gives no SQLSTATE where it cannot connect
    for start, cause in _CAUSES.items():
        if code is not None and code.startswith(start):
            return Refused(f"The store {place} {cause} ({str(error).strip().splitlines()[0]}).")
    return None


def _nearest(kind: str, name: str, known: Sequence[str]) -> Unknown:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return Unknown(
        f"There is no {kind} {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()


# ---------------------------------------------------------------------------------------------
# Opening


def open_store(url: str | None = None) -> Store:
    """Open a store, and make its tables where there are none.

    Parameters
    ----------
    url
        A path of a SQLite file, 'sqlite:///PATH' or 'postgresql://USER@HOST/DATABASE'. None: the
        environment variable HARNESS_STORE, else 'trials.db' in the user's data folder.

    Raises
    ------
    Refused
        It cannot be used: read-only, locked by another program for longer than `BUSY_MS`,
        damaged, a database of something else, of a newer version, out of space, out of reach.
    """
    url = url or os.environ.get("HARNESS_STORE")
    if not url:
        folder = Path(platformdirs.user_data_dir("theory-harness", appauthor=False))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(
                f"The store's folder {folder} cannot be made ({error.strerror}): set HARNESS_STORE "
                "to another place."
            ) from None
        url = str(folder / "trials.db")
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Store(_sqlite_engine(url))
    if scheme == "sqlite" and rest.startswith("/"):
        return Store(_sqlite_engine(rest[1:]))
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return Store(_postgres_engine(f"postgresql+psycopg://{rest}"))
    raise Refused(
        f"A store is a path, sqlite:///PATH or postgresql://..., got one of {scheme + '://'!r}."
    )


def _sqlite_engine(path: str) -> sa.Engine:
    file = Path(path).expanduser().absolute()
    if not file.parent.is_dir():
        raise Refused(f"The store {file} cannot be made: there is no folder {file.parent}.")
    # Writing needs the log beside the file, so a folder that is read-only will not do.
    for place in (file.parent, file):
        if place.exists() and not os.access(place, os.W_OK):
            raise Refused(
                f"The store {file} is read-only: give this user the right to write {place}."
            )
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(file)))

    @sa.event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the transaction is begun below, not by the driver
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, so that a trial whose append returned outlives a power cut; NORMAL may lose it.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later fails at once where another wrote in
        # between, without any waiting; so writers take the lock at the start.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgres_engine(url: str) -> sa.Engine:
    try:
        return sa.create_engine(url, connect_args={"options": f"-c lock_timeout={BUSY_MS}"})
    except ModuleNotFoundError:
        raise Refused(
            "A store on PostgreSQL needs psycopg: pip install 'theory-harness[postgres]'."
        ) from None
    except sa.exc.ArgumentError as error:
        raise Refused(f"This is no URL of a PostgreSQL database ({error}).") from None


class Store:
    """Append-only trials, by round. Made by `open_store`; a context manager.

    Every method is one transaction (`rebuild`: one per round). Any number of processes and
    threads may use one store at once. All methods raise `Refused`, with one line that says why,
    where the database is read-only, locked, damaged, full or out of reach.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.place = engine.url.database or ""
        """Where it is, without user and password."""
        if engine.dialect.name != "sqlite":
            self.place = f"{engine.url.host}/{engine.url.database}"
        try:
            self._prepare()
        except BaseException:
            engine.dispose()
            raise

    def _prepare(self) -> None:
        with self._transaction() as connection:
            known = sa.inspect(connection).get_table_names()
        if _schema.name not in known:
            with self._transaction(write=True) as connection:
                self._create(connection)
        with self._transaction() as connection:
            version = connection.scalar(sa.select(sa.func.max(_schema.c.version))) or 0
        if version < SCHEMA:
            with self._transaction(write=True) as connection:
                self._upgrade(connection)
        if version > SCHEMA:
            raise Refused(
                f"The store {self.place} has version {version}, this harness reads version "
                f"{SCHEMA}: upgrade theory-harness."
            )

    def _upgrade(self, connection: sa.Connection) -> None:
        """Give the rounds of a store of version 1, which knew only a clock, their numbers."""
        _alone(connection)
        if (connection.scalar(sa.select(sa.func.max(_schema.c.version))) or 0) >= SCHEMA:
            return  # another process was faster
        connection.exec_driver_sql(
            "ALTER TABLE rounds ADD COLUMN arrival INTEGER DEFAULT 0 NOT NULL"
        )
        connection.exec_driver_sql("CREATE INDEX rounds_in_order ON rounds (arrival)")
        ids = connection.scalars(sa.select(_rounds.c.id).order_by(_rounds.c.started, _rounds.c.id))
        for arrival, id in enumerate(ids.all(), start=1):
            connection.execute(_rounds.update().where(_rounds.c.id == id).values(arrival=arrival))
        connection.execute(_schema.insert().values(version=SCHEMA))

    def _create(self, connection: sa.Connection) -> None:
        dialect = connection.dialect.name
        _alone(connection)
        known = sa.inspect(connection).get_table_names()
        if _schema.name in known:
            return  # another process was faster
        if known:
            raise Refused(
                f"The store {self.place} is a database of something else (it has the table "
                f"{known[0]!r}): name another one."
            )
        _metadata.create_all(connection)
        for statement in _append_only(dialect):
            connection.exec_driver_sql(statement)
        connection.execute(_schema.insert().values(version=SCHEMA))

    @contextmanager
    def _transaction(self, write: bool = False) -> Iterator[sa.Connection]:
        try:
            with (
                self._engine.connect().execution_options(write=write) as connection,
                connection.begin(),
            ):
                yield connection
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            refusal = _refusal(self.place, error)
            if refusal is None:
                raise
            raise refusal from error

    # --- rounds and trials in ---

    def begin(self, round: Round) -> None:
        """Write down a round before its first trial; again is no error, in other words it is."""
        row = {field.name: getattr(round, field.name) for field in fields(Round)}
        row["submissions"], row["machine"] = dict(round.submissions), _plain(dict(round.machine))
        try:
            with self._transaction(write=True) as connection:
                connection.execute(_BEGIN, row)
        except sa.exc.IntegrityError:
            if self.round(round.id) != Round(**{**row, "seeds": tuple(round.seeds)}):
                raise Refused(f"Round {round.id!r} is there already, and is another one.") from None

    def append(self, trial: Trial) -> None:
        """Add one trial; when this returns it outlives a power cut. Again is no error.

        Raises
        ------
        Unknown
            There is no such round.
        Refused
            The round does not ask for this trial, has another one in its place, or is finished;
            or its time is no ISO 8601.
        """
        try:
            seconds(trial.finished)
        except ValueError as error:
            raise Refused(f"Trial {trial.id!r} must end at a time in ISO 8601: {error}.") from None
        row = {name: getattr(trial, name) for name in _FIELDS}
        # The message is the submission's: no database takes a lone surrogate, PostgreSQL no NUL.
        row["reason"] = trial.reason.encode(errors="replace").decode().replace("\0", "?")
        row["extra"], row["versions"] = dict(trial.extra), dict(trial.versions)
        row["series"] = {name: dict(columns) for name, columns in trial.series.items()}
        key = {name: row[name] for name in ("id", "round", "submission", "seed")}
        with self._transaction(write=True) as connection:
            round, finished = self._get(connection, trial.round)
            known = connection.execute(_IN_PLACE_OF, key).all()
            if known:
                if [row._asdict() for row in known] == [key]:
                    return
                raise Refused(
                    f"Trial {trial.id!r} cannot be added: {known[0].id!r} is in its place, and "
                    "trials are never replaced."
                )
            for field in ("task", "task_version", "size"):
                if getattr(trial, field) != getattr(round, field):
                    raise Refused(
                        f"Trial {trial.id!r} has {field} {getattr(trial, field)!r}, its round "
                        f"{round.id!r} has {getattr(round, field)!r}."
                    )
            if (
                round.submissions.get(trial.submission) != trial.source
                or trial.seed not in round.seeds
            ):
                raise Refused(
                    f"Round {round.id!r} does not ask for {trial.submission!r} of source "
                    f"{trial.source[:12]} with seed {trial.seed}."
                )
            if finished is not None:
                raise Refused(f"Round {round.id!r} is finished and takes no further trial.")
            connection.execute(_ADD, row)

    def finish(self, round_id: str) -> None:
        """Close a round, complete or not: it takes no further trial. Again is no error."""
        with self._transaction(write=True) as connection:
            round, finished = self._get(connection, round_id)
            if finished is None:
                self._write_pack(connection, round)
                connection.execute(
                    _rounds.update().where(_rounds.c.id == round_id).values(finished=_now())
                )

    def _get(self, connection: sa.Connection, id: str) -> tuple[Round, str | None]:
        """Return a round and when it was finished; a writer keeps others off it meanwhile."""
        write = connection.get_execution_options()["write"]
        row = connection.execute(_ROUND_LOCKED if write else _ROUND, {"id": id}).first()
        if row is None:
            raise _nearest("round", id, connection.scalars(sa.select(_rounds.c.id)).all())
        return _round(row), row.finished

    def _write_pack(self, connection: sa.Connection, round: Round) -> None:
        rows = _packed_rows(connection, round.id)
        packed = pack(round.seeds, round.submissions, rows)
        connection.execute(_packs.insert().values(round=round.id, **packed))

    def rebuild(self) -> None:
        """Make the packs of all finished rounds anew from their trials."""
        with self._transaction() as connection:
            finished = sa.select(_rounds.c.id).where(_rounds.c.finished.is_not(None))
            ids = connection.scalars(finished).all()
        for id in ids:
            with self._transaction(write=True) as connection:
                round, _ = self._get(connection, id)
                connection.execute(_packs.delete().where(_packs.c.round == id))
                self._write_pack(connection, round)

    def record_verification(self, trial_id: str, reproduced: bool, detail: str) -> None:
        """Add the outcome of running a trial again; earlier outcomes stay."""
        id = self.trial(trial_id).id
        with self._transaction(write=True) as connection:
            connection.execute(
                _verifications.insert().values(
                    trial=id, reproduced=reproduced, detail=detail, at=_now()
                )
            )

    # --- rounds and trials out ---

    def unfinished(
        self,
        task: str,
        task_version: int,
        size: Size,
        seeds: tuple[int, ...],
        submissions: Mapping[str, str],
        device: str = "cpu",
    ) -> Round | None:
        """Return the unfinished round of exactly this specification that came last."""
        query = (
            _of_task(_rounds.select(), task, size, task_version)
            .where(_rounds.c.finished.is_(None))
            .order_by(_rounds.c.arrival.desc(), _rounds.c.started.desc())
        )
        with self._transaction() as connection:
            for row in connection.execute(query):
                round = _round(row)
                found = (round.seeds, round.submissions, round.machine.get("device", "cpu"))
                if found == (tuple(seeds), dict(submissions), device):
                    return round
        return None

    def done(self, round_id: str) -> set[tuple[str, int]]:
        """Return the (submission, seed) pairs whose trials are there, whatever their status."""
        query = sa.select(_trials.c.submission, _trials.c.seed).where(_trials.c.round == round_id)
        with self._transaction() as connection:
            return {(row.submission, row.seed) for row in connection.execute(query)}

    def trial(self, id_or_prefix: str) -> Trial:
        """Return one trial with its series, by its id or any prefix that only it has.

        Raises
        ------
        Unknown
            No trial has it, or several have; the message names the nearest.
        """
        begins = (_trials.c.id >= id_or_prefix) & (_trials.c.id <= id_or_prefix + "\U0010ffff")
        with self._transaction() as connection:
            row = connection.execute(_trials.select().where(_trials.c.id == id_or_prefix)).first()
            if row is None and id_or_prefix:
                rows = connection.execute(_trials.select().where(begins).limit(2)).all()
                if len(rows) > 1:
                    raise Unknown(
                        f"Several trials begin with {id_or_prefix!r}, such as {rows[0].id!r} and "
                        f"{rows[1].id!r}: give more of it."
                    )
                row = rows[0] if rows else None
            if row is None:
                known = connection.scalars(sa.select(_trials.c.id).limit(1000)).all()
                raise _nearest("trial", id_or_prefix, known)
        return _trial(row)

    def round(self, id: str) -> Round:
        """Return one round, or raise `Unknown`."""
        with self._transaction() as connection:
            return self._get(connection, id)[0]

    def tasks(self) -> list[str]:
        """Return the names of all tasks with a round, sorted."""
        with self._transaction() as connection:
            return sorted(connection.scalars(sa.select(_rounds.c.task).distinct()))

    def trials(
        self,
        task: str | None = None,
        size: Size | None = None,
        task_version: int | None = None,
        with_series: bool = False,
    ) -> pd.DataFrame:
        """Return the rows as they are, the oldest round first: one column per field of `Trial`.

        Without `with_series` there is no column of series, which may be large.
        """
        import pandas as pd

        names = [f.name for f in fields(Trial) if with_series or f.name != "series"]
        joined = _trials.join(_rounds, _trials.c.round == _rounds.c.id)
        query = sa.select(*(_trials.c[name] for name in names)).select_from(joined)
        order = (_rounds.c.arrival, _trials.c.round, _trials.c.finished, _trials.c.id)
        query = _of_task(query, task, size, task_version).order_by(*order)
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        frame = pd.DataFrame([tuple(row) for row in rows], columns=names)
        for name in ("isolation", "missing"):
            frame[name] = pd.Series([tuple(layers) for layers in frame[name]], dtype=object)
        return frame

    def measurements(self, task: str, size: Size, task_version: int) -> pd.DataFrame:
        """Return what ranking a task needs, fast.

        Returns
        -------
        DataFrame
            One row per trial that a round requires; those that are not there have the status
            'missing', NaN and 0. Columns: round, submission, source, division, status, reason,
            isolation (categories; rounds in the order of arrival; the layers joined by ', ');
            seed, artifact_bytes, embedded_bytes (int64); finished (seconds since 1970), visible,
            heldout, quality, timed_seconds, pacer_seconds and 'extra.NAME' (float64).
        """
        # Without ORDER BY: SQLite would carry the blobs through its sort.
        columns = (_rounds.c.arrival, _rounds.c.id, *_packs.columns[1:])
        query = sa.select(*columns).outerjoin_from(_rounds, _packs)
        packs = []
        with self._transaction() as connection:
            found = connection.execute(_of_task(query, task, size, task_version)).all()
            for _, id, *packed in sorted(found, key=lambda row: (row.arrival, row.id)):
                if packed[-1] is None:  # unfinished
                    round, _ = self._get(connection, id)
                    rows = _packed_rows(connection, id)
                    packed = list(pack(round.seeds, round.submissions, rows).values())
                packs.append((id, *packed))
        return unpack(packs)

    def walls(
        self, task: str, size: Size, task_version: int
    ) -> list[tuple[str, str, list[str], list[str], int]]:
        """Return how trials were walled off, a row for each wall that a submission had.

        A row is (submission, source, isolation, missing, number of trials).
        """
        names = ("submission", "source", "isolation", "missing")
        columns = [_trials.c[name] for name in names]
        joined = _trials.join(_rounds, _trials.c.round == _rounds.c.id)
        query = sa.select(*columns, sa.func.count()).select_from(joined)
        query = _of_task(query, task, size, task_version).group_by(*columns).order_by(*columns)
        with self._transaction() as connection:
            rows: list[Any] = list(connection.execute(query))
        return [tuple(row) for row in rows]

    def verifications(self) -> pd.DataFrame:
        """Return the outcomes of running trials again: trial, reproduced, detail, at."""
        import pandas as pd

        names = ["trial", "reproduced", "detail", "at"]
        query = sa.select(*(_verifications.c[name] for name in names)).order_by(_verifications.c.id)
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return pd.DataFrame([tuple(row) for row in rows], columns=names)

    def close(self) -> None:
        """Let go of the database; closing twice is no error."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _alone(connection: sa.Connection) -> None:
    """Keep other makers of tables off until the end of the transaction."""
    if connection.dialect.name == "postgresql":  # SQLite's writer is alone already
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('theory-harness'))"))


def _of_task(
    query: sa.Select[Any], task: str | None, size: str | None, task_version: int | None
) -> sa.Select[Any]:
    wanted = {"task": task, "size": size, "task_version": task_version}
    return query.where(*(_rounds.c[k] == v for k, v in wanted.items() if v is not None))


def _packed_rows(connection: sa.Connection, round_id: str) -> list[Mapping[str, Any]]:
    query = sa.select(*(_trials.c[name] for name in PACKED)).where(_trials.c.round == round_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def _round(row: sa.Row[Any]) -> Round:
    values = {field.name: getattr(row, field.name) for field in fields(Round)}
    return Round(**{**values, "seeds": tuple(values["seeds"])})


def _plain(value: Any) -> Any:
    """Return a value as it comes back from the database: tuples are lists there."""
    return json.loads(json.dumps(value))


def _trial(row: sa.Row[Any]) -> Trial:
    values = dict(row._mapping)
    for name in ("isolation", "missing"):
        values[name] = tuple(values[name])
    return Trial(**values)
