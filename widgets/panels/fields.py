"""A heading and a chooser as the panels have them."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def narrow(box: QComboBox, name: str) -> QComboBox:
    """A combo box that may be narrower than its longest entry."""
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box
