"""`StudyDelegate`: paints a row of the study browser: thumbnail, two lines, geometry mark."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QImage, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from medview.view.icons import icon
from medview.view.models.study_rows import SeriesRow
from medview.view.models.study_tree import ROW_ROLE, THUMBNAIL_ROLE

THUMBNAIL_PX = 48
_PAD = 6
_INDENT = 8
_MARKS = {
    "repaired": ("doubt", "#d99a1c"),
    "untrusted": ("error", "#e2604f"),
    "note": ("about", None),
}


class StudyDelegate(QStyledItemDelegate):
    """Series get a thumbnail; patients and studies two lines of text."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Give series room for their picture."""
        metrics = QFontMetrics(option.font)
        row = index.data(ROW_ROLE)
        text = 2 * metrics.height() + 2 if row.detail else metrics.height()
        if isinstance(row, SeriesRow):
            return QSize(160, max(THUMBNAIL_PX, text) + 2 * _PAD)
        return QSize(160, text + 2 * _PAD)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row = index.data(ROW_ROLE)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._ground(painter, option, row)
        inner = rect.adjusted(_PAD + _INDENT * _depth(index), _PAD, -_PAD, -_PAD)
        if isinstance(row, SeriesRow):
            place = QRect(inner.left(), inner.top(), THUMBNAIL_PX, THUMBNAIL_PX)
            _thumbnail(painter, place, index.data(THUMBNAIL_ROLE))
            inner.setLeft(place.right() + 10)
            if row.mark in _MARKS:
                name, colour = _MARKS[row.mark]
                size = 18
                spot = QRect(inner.right() - size, inner.top(), size, size)
                icon(name, colour).paint(painter, spot)
                inner.setRight(spot.left() - 4)
        _two_lines(painter, inner, option, palette, row.title, row.detail, _is_strong(row))
        painter.restore()

    @staticmethod
    def _ground(painter: QPainter, option: QStyleOptionViewItem, row: object) -> None:
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state = option.state
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(palette.color(QPalette.ColorRole.Light))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        if isinstance(row, SeriesRow) and row.is_open:
            painter.setBrush(palette.color(QPalette.ColorRole.Accent))
            painter.drawRoundedRect(
                QRectF(rect.left() + 1, rect.top() + 8, 3, rect.height() - 16), 1, 1
            )


def _depth(index: QModelIndex | QPersistentModelIndex) -> int:
    depth, parent = 0, index.parent()
    while parent.isValid():
        depth, parent = depth + 1, parent.parent()
    return depth


def _secondary() -> QColor:
    # From the application: a style sheet dims the widget's own colour below readability.
    return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)


def _is_strong(row: object) -> bool:
    return not isinstance(row, SeriesRow)


def _thumbnail(painter: QPainter, place: QRect, image: object) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0))
    painter.drawRoundedRect(place, 3, 3)
    if isinstance(image, QImage) and not image.isNull():
        size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(place.topLeft(), size)
        target.moveCenter(place.center())
        painter.drawImage(target, image)
    else:
        icon("image", "#6a6a6a").paint(painter, place.adjusted(14, 14, -14, -14))


def _two_lines(
    painter: QPainter,
    rect: QRect,
    option: QStyleOptionViewItem,
    palette: QPalette,
    title: str,
    detail: str,
    strong: bool,
) -> None:
    font = QFont(option.font)
    metrics = QFontMetrics(font)
    tall = metrics.height()
    top = rect.top() + max(0, (rect.height() - (2 * tall + 2 if detail else tall)) // 2)
    elide = Qt.TextElideMode.ElideRight
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    line = QRect(rect.left(), top, rect.width(), tall)
    shown = painter.fontMetrics().elidedText(title, elide, line.width())
    painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown)
    if detail:
        painter.setFont(option.font)
        painter.setPen(_secondary())
        line.translate(0, tall + 2)
        shown = metrics.elidedText(detail, elide, line.width())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown)
