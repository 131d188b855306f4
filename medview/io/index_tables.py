"""The tables of the index of scanned folders."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Registry of the tables below."""


class ScanRow(Base):
    """One scan: where, and in which state the files were."""

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[str] = mapped_column(unique=True)
    """What was opened: absolute paths, one a line."""
    state: Mapped[str]
    """SHA-256 over path, size and time of every file; empty once incomplete."""
    schema: Mapped[int]
    skipped: Mapped[str]
    """JSON list of (path, code, message)."""
    studies: Mapped[list[StudyRow]] = relationship(
        back_populates="scan",
        cascade="all, delete-orphan",
        order_by="StudyRow.id",
        lazy="selectin",
    )


class StudyRow(Base):
    """One study of a scan."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id", ondelete="CASCADE"), index=True)
    uid: Mapped[str | None] = mapped_column(index=True)
    record: Mapped[str]
    """JSON, see `medview.io.records`."""
    scan: Mapped[ScanRow] = relationship(back_populates="studies")
    series: Mapped[list[SeriesRow]] = relationship(
        back_populates="study",
        cascade="all, delete-orphan",
        order_by="SeriesRow.id",
        lazy="selectin",
    )


class SeriesRow(Base):
    """One series of a study."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    record: Mapped[str]
    files: Mapped[str]
    """JSON list of the files to look at again before loading."""
    study: Mapped[StudyRow] = relationship(back_populates="series")
