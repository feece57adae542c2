"""Names for the arrays that travel between the floors. Shapes and color are said where each is used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]
HALF_MAX = 65504.0
"""The largest number a half float holds."""
AnyFloat = npt.NDArray[np.float16] | npt.NDArray[np.float32]
