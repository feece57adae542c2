"""The sample shot: a fox trots through an autumn wood, low sun behind it, the camera beside it.

Made by the project's own code, the same for the same seed: scene-linear half-float EXR frames with values far above 1,
film grain, true motion blur, depth of field, stems that pass before the subject, and the exact matte of every frame.
`shot.py` writes it; `render.py` composes a frame from `landscape.py`, `fox.py` (its fur: `coat.py`), `camera.py` and
`film.py`.
"""

from app.sample_shot.shot import SampleShot, ensure_sample_shot

__all__ = ["SampleShot", "ensure_sample_shot"]
