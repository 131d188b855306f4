"""`StudyTree`: patient > study > series as an item model that keeps indexes while it grows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QImage

from medview.view.models.study_rows import PatientRow, Row, SeriesRow

ROW_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class _Node:
    """A place in the tree; Qt's indexes point to it, so it lives while its row is shown."""

    __slots__ = ("children", "parent", "row")

    def __init__(self, row: Row | None, parent: _Node | None) -> None:
        self.row = row
        self.parent = parent
        self.children: list[_Node] = []


def _rows_below(row: Row) -> tuple[Row, ...]:
    if isinstance(row, PatientRow):
        return row.studies
    return () if isinstance(row, SeriesRow) else row.series


class StudyTree(QAbstractItemModel):
    """Takes whole tuples of rows and works out what was added, changed and removed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node(None, None)
        self._thumbnails: dict[str, QImage] = {}

    def set_patients(self, rows: tuple[PatientRow, ...]) -> None:
        """Show these patients; selection and expansion of those that stay are kept."""
        self._sync(self._root, QModelIndex(), rows)

    def set_thumbnail(self, series_id: str, image: QImage) -> None:
        """Give a series its picture."""
        self._thumbnails[series_id] = image
        index = self.index_of(series_id)
        if index.isValid():
            self.dataChanged.emit(index, index, [THUMBNAIL_ROLE])

    def clear_thumbnails(self) -> None:
        """Forget all pictures."""
        self._thumbnails.clear()

    def index_of(self, row_id: str) -> QModelIndex:
        """Where a patient, study or series is; invalid if nowhere."""
        stack = list(self._root.children)
        while stack:
            node = stack.pop()
            if node.row is not None and node.row.id == row_id:
                return self._index(node)
            stack.extend(node.children)
        return QModelIndex()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Index of a child."""
        children = self._node(parent).children
        if column == 0 and 0 <= row < len(children):
            return self.createIndex(row, 0, children[row])
        return QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Index of what it lies in."""
        node = self._node(index).parent
        return QModelIndex() if node is None or node is self._root else self._index(node)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many lie in it."""
        return len(self._node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, the row record and the thumbnail."""
        row = self._node(index).row
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == THUMBNAIL_ROLE:
            return self._thumbnails.get(row.id)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            mark = row.mark_text if isinstance(row, SeriesRow) else ""
            return "\n".join(text for text in (row.title, row.detail, mark) if text)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All can be selected."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _node(self, index: Index) -> _Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else self._root

    def _index(self, node: _Node) -> QModelIndex:
        siblings = self._root.children if node.parent is None else node.parent.children
        return self.createIndex(siblings.index(node), 0, node)

    def _sync(self, node: _Node, index: QModelIndex, rows: tuple[Row, ...]) -> None:
        wanted = {row.id for row in rows}
        for at in reversed(range(len(node.children))):
            row = node.children[at].row
            if row is None or row.id not in wanted:
                self.beginRemoveRows(index, at, at)
                del node.children[at]
                self.endRemoveRows()
        for at, row in enumerate(rows):
            self._place(node, index, at, row)
            child = node.children[at]
            here = self.createIndex(at, 0, child)
            if child.row != row:
                child.row = row
                self.dataChanged.emit(here, here)
            self._sync(child, here, _rows_below(row))

    def _place(self, node: _Node, index: QModelIndex, at: int, row: Row) -> None:
        """Bring the child with this row's id to place `at`, new if need be."""
        now = next(
            (i for i, c in enumerate(node.children) if c.row is not None and c.row.id == row.id),
            None,
        )
        if now is None:
            self.beginInsertRows(index, at, at)
            node.children.insert(at, _Node(row, node))
            self.endInsertRows()
        elif now != at:
            self.beginMoveRows(index, now, now, index, at)
            node.children.insert(at, node.children.pop(now))
            self.endMoveRows()
