"""The project's color config in the open window: chosen, loaded, and taken into use; and why a plate is read as it is.

Configs and headers are read on workers; everything else is on the interface's thread. Qt-free.
"""

from __future__ import annotations

from collections.abc import Callable

from app.hall import Hall
from core.color import ColorConfig, InputSpace
from core.commands import SetColorConfig
from core.plate import Plate
from core.plate_reader import describe_plate
from core.shot import Change, Touched
from core.signal import Signal


class ColorChoice:
    """See `widgets.color_room.ColorRoom` for what each call promises.

    Args:
        use: puts another config into use: plates are read again with it.
    """

    def __init__(self, hall: Hall, use: Callable[[ColorConfig], None]) -> None:
        self.changed: Signal[ColorConfig] = Signal()
        self.reason_changed: Signal[str] = Signal()
        self._hall, self._document, self._use = hall, hall.document, use
        self._name = hall.document.shot.color_config
        self._in_use = hall.color()
        self._loaded: dict[str, ColorConfig] = {self._name: self._in_use}
        self._asked = 0
        self._read: tuple[str, str, str, str, str] | None = None
        self._said: InputSpace | None = None
        self._disconnect = hall.document.changed.connect(self._edited)
        self._look_into_the_file()

    # --- the config ---------------------------------------------------------------------------------------------

    def choose(self, config: str) -> None:
        """Load it, and make it the project's by one undoable command; a broken one changes nothing and is said."""
        if config != self._document.shot.color_config:
            self._load(config, lambda: self._document.do(SetColorConfig(config)))

    def reload(self) -> None:
        """The config's file was edited: read it again."""
        name = self._name
        self._loaded.clear()
        self._load(name, lambda: self._take(name))

    def _load(self, name: str, then: Callable[[], object]) -> None:
        self._asked += 1
        asked = self._asked

        def loaded(config: ColorConfig) -> None:
            self._loaded[name] = config
            if asked == self._asked:
                then()

        self._hall.run(lambda: ColorConfig.load(name), loaded, self._hall.report)

    def _edited(self, change: Change) -> None:
        """A command, its undo, or another project: the config in use follows the shot."""
        if change.touched is not Touched.PLATE:
            return
        name = self._document.shot.color_config
        if self._hall.color() is not self._in_use:  # another project was opened, with its config
            self._asked += 1
            self._in_use, self._name = self._hall.color(), name
            self._loaded = {name: self._in_use}
            self.changed.emit(self._in_use)
        if name != self._name:
            if name in self._loaded:
                self._take(name)
            else:
                self._load(name, lambda: self._take(name))
        self._look_into_the_file()

    def _take(self, name: str) -> None:
        if name != self._document.shot.color_config:
            return  # undone while it was being loaded
        self._name = name
        self._in_use = self._loaded[name]
        self._use(self._in_use)
        self.changed.emit(self._in_use)
        self._read = None
        self._look_into_the_file()

    # --- why a plate is read as it is ---------------------------------------------------------------------------

    @property
    def reason(self) -> str:
        """Why the plate is read in its color space, as a sentence; empty while that is not known."""
        plate, said = self._document.shot.plate, self._said
        if plate is None or said is None:
            return ""
        if plate.color_space == said.name:
            return f"{_upper(said.why)}."
        return f"Chosen by hand. Without that it would be {said.name}: {said.why}."

    @property
    def suggested(self) -> str:
        """The space that the file leads to; empty where it leads to none."""
        return self._said.name if self._said is not None else ""

    def _look_into_the_file(self) -> None:
        plate = self._document.shot.plate
        key = _key(plate, self._name) if plate is not None else None
        if key == self._read:
            return
        self._read, self._said = key, None
        self.reason_changed.emit("")
        if plate is not None:
            color = self._hall.color()
            self._hall.run(lambda: _suggestion(plate, color), lambda said: self._know(key, said), lambda _error: None)

    def _know(self, key: object, said: InputSpace) -> None:
        if key == self._read:
            self._said = said
            self.reason_changed.emit(self.reason)

    def close(self) -> None:
        """Follow the document no longer."""
        self._disconnect()


def _key(plate: Plate, config: str) -> tuple[str, str, str, str, str]:
    return str(plate.path), plate.part, plate.layer, plate.view, config


def _suggestion(plate: Plate, color: ColorConfig) -> InputSpace:
    """What would be chosen if nobody chose. Raises PlateError where no file can be asked."""
    return describe_plate(plate.path, color, part=plate.part, layer=plate.layer, view=plate.view).space


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
