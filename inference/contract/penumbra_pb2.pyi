import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetServerInfoRequest(_message.Message):
    __slots__ = ("client_version", "api_versions")
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    API_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    client_version: str
    api_versions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, client_version: _Optional[str] = ..., api_versions: _Optional[_Iterable[str]] = ...) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ("api_version", "build", "boot_id", "features", "limits", "path_roots", "heartbeat_ms", "user", "roles")
    API_VERSION_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    PATH_ROOTS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    api_version: str
    build: str
    boot_id: str
    features: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    path_roots: _containers.RepeatedCompositeFieldContainer[PathRoot]
    heartbeat_ms: int
    user: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, api_version: _Optional[str] = ..., build: _Optional[str] = ..., boot_id: _Optional[str] = ..., features: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., path_roots: _Optional[_Iterable[_Union[PathRoot, _Mapping]]] = ..., heartbeat_ms: _Optional[int] = ..., user: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_blob_bytes", "max_chunk_bytes", "max_width", "max_height", "max_frames_per_job", "max_queued_jobs_per_user", "user_blob_quota_bytes", "max_prompts")
    MAX_BLOB_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_WIDTH_FIELD_NUMBER: _ClassVar[int]
    MAX_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAMES_PER_JOB_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUED_JOBS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    USER_BLOB_QUOTA_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_PROMPTS_FIELD_NUMBER: _ClassVar[int]
    max_blob_bytes: int
    max_chunk_bytes: int
    max_width: int
    max_height: int
    max_frames_per_job: int
    max_queued_jobs_per_user: int
    user_blob_quota_bytes: int
    max_prompts: int
    def __init__(self, max_blob_bytes: _Optional[int] = ..., max_chunk_bytes: _Optional[int] = ..., max_width: _Optional[int] = ..., max_height: _Optional[int] = ..., max_frames_per_job: _Optional[int] = ..., max_queued_jobs_per_user: _Optional[int] = ..., user_blob_quota_bytes: _Optional[int] = ..., max_prompts: _Optional[int] = ...) -> None: ...

class PathRoot(_message.Message):
    __slots__ = ("name", "os", "folder")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    name: str
    os: str
    folder: str
    def __init__(self, name: _Optional[str] = ..., os: _Optional[str] = ..., folder: _Optional[str] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ("task",)
    TASK_FIELD_NUMBER: _ClassVar[int]
    task: str
    def __init__(self, task: _Optional[str] = ...) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models", "problems")
    MODELS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[ModelInfo]
    problems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, models: _Optional[_Iterable[_Union[ModelInfo, _Mapping]]] = ..., problems: _Optional[_Iterable[str]] = ...) -> None: ...

class ModelInfo(_message.Message):
    __slots__ = ("id", "version", "label", "tasks", "options_schema", "inputs", "outputs", "rendition", "weights_sha256", "license", "trainable", "parent_id", "tile", "state", "encoding", "description", "device", "weights_bytes")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    RENDITION_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_SHA256_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    TRAINABLE_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    TILE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_BYTES_FIELD_NUMBER: _ClassVar[int]
    id: str
    version: str
    label: str
    tasks: _containers.RepeatedScalarFieldContainer[str]
    options_schema: str
    inputs: _containers.RepeatedCompositeFieldContainer[TensorSpec]
    outputs: _containers.RepeatedCompositeFieldContainer[TensorSpec]
    rendition: Rendition
    weights_sha256: str
    license: str
    trainable: bool
    parent_id: str
    tile: Tile
    state: str
    encoding: str
    description: str
    device: str
    weights_bytes: int
    def __init__(self, id: _Optional[str] = ..., version: _Optional[str] = ..., label: _Optional[str] = ..., tasks: _Optional[_Iterable[str]] = ..., options_schema: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[TensorSpec, _Mapping]]] = ..., outputs: _Optional[_Iterable[_Union[TensorSpec, _Mapping]]] = ..., rendition: _Optional[_Union[Rendition, _Mapping]] = ..., weights_sha256: _Optional[str] = ..., license: _Optional[str] = ..., trainable: _Optional[bool] = ..., parent_id: _Optional[str] = ..., tile: _Optional[_Union[Tile, _Mapping]] = ..., state: _Optional[str] = ..., encoding: _Optional[str] = ..., description: _Optional[str] = ..., device: _Optional[str] = ..., weights_bytes: _Optional[int] = ...) -> None: ...

class TensorSpec(_message.Message):
    __slots__ = ("name", "datatype", "shape", "color_space")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATATYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    COLOR_SPACE_FIELD_NUMBER: _ClassVar[int]
    name: str
    datatype: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    color_space: str
    def __init__(self, name: _Optional[str] = ..., datatype: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., color_space: _Optional[str] = ...) -> None: ...

class Rendition(_message.Message):
    __slots__ = ("recipe", "long_edge", "datatype", "color_space")
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    LONG_EDGE_FIELD_NUMBER: _ClassVar[int]
    DATATYPE_FIELD_NUMBER: _ClassVar[int]
    COLOR_SPACE_FIELD_NUMBER: _ClassVar[int]
    recipe: str
    long_edge: int
    datatype: str
    color_space: str
    def __init__(self, recipe: _Optional[str] = ..., long_edge: _Optional[int] = ..., datatype: _Optional[str] = ..., color_space: _Optional[str] = ...) -> None: ...

class Tile(_message.Message):
    __slots__ = ("size", "overlap")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    size: int
    overlap: int
    def __init__(self, size: _Optional[int] = ..., overlap: _Optional[int] = ...) -> None: ...

class BlobId(_message.Message):
    __slots__ = ("sha256", "size")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    size: int
    def __init__(self, sha256: _Optional[bytes] = ..., size: _Optional[int] = ...) -> None: ...

class BlobInfo(_message.Message):
    __slots__ = ("media_type", "width", "height", "channels", "dtype", "color_space", "rendition")
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    COLOR_SPACE_FIELD_NUMBER: _ClassVar[int]
    RENDITION_FIELD_NUMBER: _ClassVar[int]
    media_type: str
    width: int
    height: int
    channels: _containers.RepeatedScalarFieldContainer[str]
    dtype: str
    color_space: str
    rendition: str
    def __init__(self, media_type: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., channels: _Optional[_Iterable[str]] = ..., dtype: _Optional[str] = ..., color_space: _Optional[str] = ..., rendition: _Optional[str] = ...) -> None: ...

class HasBlobsRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedCompositeFieldContainer[BlobId]
    def __init__(self, ids: _Optional[_Iterable[_Union[BlobId, _Mapping]]] = ...) -> None: ...

class HasBlobsResponse(_message.Message):
    __slots__ = ("missing",)
    MISSING_FIELD_NUMBER: _ClassVar[int]
    missing: _containers.RepeatedCompositeFieldContainer[Missing]
    def __init__(self, missing: _Optional[_Iterable[_Union[Missing, _Mapping]]] = ...) -> None: ...

class Missing(_message.Message):
    __slots__ = ("id", "resume_offset")
    ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    id: BlobId
    resume_offset: int
    def __init__(self, id: _Optional[_Union[BlobId, _Mapping]] = ..., resume_offset: _Optional[int] = ...) -> None: ...

class BlobChunk(_message.Message):
    __slots__ = ("id", "info", "offset", "data")
    ID_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    id: BlobId
    info: BlobInfo
    offset: int
    data: bytes
    def __init__(self, id: _Optional[_Union[BlobId, _Mapping]] = ..., info: _Optional[_Union[BlobInfo, _Mapping]] = ..., offset: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class PutBlobResponse(_message.Message):
    __slots__ = ("id", "existed", "received")
    ID_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    id: BlobId
    existed: bool
    received: int
    def __init__(self, id: _Optional[_Union[BlobId, _Mapping]] = ..., existed: _Optional[bool] = ..., received: _Optional[int] = ...) -> None: ...

class GetBlobRequest(_message.Message):
    __slots__ = ("id", "offset")
    ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    id: BlobId
    offset: int
    def __init__(self, id: _Optional[_Union[BlobId, _Mapping]] = ..., offset: _Optional[int] = ...) -> None: ...

class Window(_message.Message):
    __slots__ = ("x0", "y0", "x1", "y1")
    X0_FIELD_NUMBER: _ClassVar[int]
    Y0_FIELD_NUMBER: _ClassVar[int]
    X1_FIELD_NUMBER: _ClassVar[int]
    Y1_FIELD_NUMBER: _ClassVar[int]
    x0: int
    y0: int
    x1: int
    y1: int
    def __init__(self, x0: _Optional[int] = ..., y0: _Optional[int] = ..., x1: _Optional[int] = ..., y1: _Optional[int] = ...) -> None: ...

class PlateRef(_message.Message):
    __slots__ = ("identity", "part", "layer", "view", "color_space", "color_config", "canvas", "display", "data_window", "pixel_aspect", "first", "last", "color_config_blob")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    COLOR_SPACE_FIELD_NUMBER: _ClassVar[int]
    COLOR_CONFIG_FIELD_NUMBER: _ClassVar[int]
    CANVAS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_FIELD_NUMBER: _ClassVar[int]
    DATA_WINDOW_FIELD_NUMBER: _ClassVar[int]
    PIXEL_ASPECT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    COLOR_CONFIG_BLOB_FIELD_NUMBER: _ClassVar[int]
    identity: str
    part: str
    layer: str
    view: str
    color_space: str
    color_config: str
    canvas: Window
    display: Window
    data_window: Window
    pixel_aspect: float
    first: int
    last: int
    color_config_blob: BlobId
    def __init__(self, identity: _Optional[str] = ..., part: _Optional[str] = ..., layer: _Optional[str] = ..., view: _Optional[str] = ..., color_space: _Optional[str] = ..., color_config: _Optional[str] = ..., canvas: _Optional[_Union[Window, _Mapping]] = ..., display: _Optional[_Union[Window, _Mapping]] = ..., data_window: _Optional[_Union[Window, _Mapping]] = ..., pixel_aspect: _Optional[float] = ..., first: _Optional[int] = ..., last: _Optional[int] = ..., color_config_blob: _Optional[_Union[BlobId, _Mapping]] = ...) -> None: ...

class FrameRef(_message.Message):
    __slots__ = ("blob", "root_path", "frame", "proxy", "suffix")
    BLOB_FIELD_NUMBER: _ClassVar[int]
    ROOT_PATH_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PROXY_FIELD_NUMBER: _ClassVar[int]
    SUFFIX_FIELD_NUMBER: _ClassVar[int]
    blob: BlobId
    root_path: str
    frame: int
    proxy: BlobId
    suffix: str
    def __init__(self, blob: _Optional[_Union[BlobId, _Mapping]] = ..., root_path: _Optional[str] = ..., frame: _Optional[int] = ..., proxy: _Optional[_Union[BlobId, _Mapping]] = ..., suffix: _Optional[str] = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("session_id", "project", "shot", "model", "options_json")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    SHOT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    project: str
    shot: str
    model: str
    options_json: str
    def __init__(self, session_id: _Optional[str] = ..., project: _Optional[str] = ..., shot: _Optional[str] = ..., model: _Optional[str] = ..., options_json: _Optional[str] = ...) -> None: ...

class SessionRef(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("session_id", "expires", "boot_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    expires: _timestamp_pb2.Timestamp
    boot_id: str
    def __init__(self, session_id: _Optional[str] = ..., expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., boot_id: _Optional[str] = ...) -> None: ...

class PrefetchRequest(_message.Message):
    __slots__ = ("session_id", "model", "frames", "plate", "options_json", "keep")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    KEEP_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    model: str
    frames: _containers.RepeatedCompositeFieldContainer[FrameRef]
    plate: PlateRef
    options_json: str
    keep: bool
    def __init__(self, session_id: _Optional[str] = ..., model: _Optional[str] = ..., frames: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., plate: _Optional[_Union[PlateRef, _Mapping]] = ..., options_json: _Optional[str] = ..., keep: _Optional[bool] = ...) -> None: ...

class PrefetchEvent(_message.Message):
    __slots__ = ("frame", "cached", "need", "error", "kept_bytes", "found")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    NEED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    KEPT_BYTES_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    frame: int
    cached: bool
    need: _containers.RepeatedCompositeFieldContainer[BlobId]
    error: Error
    kept_bytes: int
    found: bool
    def __init__(self, frame: _Optional[int] = ..., cached: _Optional[bool] = ..., need: _Optional[_Iterable[_Union[BlobId, _Mapping]]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., kept_bytes: _Optional[int] = ..., found: _Optional[bool] = ...) -> None: ...

class Click(_message.Message):
    __slots__ = ("x", "y", "positive", "object")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    positive: bool
    object: int
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., positive: _Optional[bool] = ..., object: _Optional[int] = ...) -> None: ...

class Stroke(_message.Message):
    __slots__ = ("xyp", "radius", "positive", "object", "hardness", "opacity")
    XYP_FIELD_NUMBER: _ClassVar[int]
    RADIUS_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    HARDNESS_FIELD_NUMBER: _ClassVar[int]
    OPACITY_FIELD_NUMBER: _ClassVar[int]
    xyp: _containers.RepeatedScalarFieldContainer[float]
    radius: float
    positive: bool
    object: int
    hardness: float
    opacity: float
    def __init__(self, xyp: _Optional[_Iterable[float]] = ..., radius: _Optional[float] = ..., positive: _Optional[bool] = ..., object: _Optional[int] = ..., hardness: _Optional[float] = ..., opacity: _Optional[float] = ...) -> None: ...

class Box(_message.Message):
    __slots__ = ("x0", "y0", "x1", "y1", "object")
    X0_FIELD_NUMBER: _ClassVar[int]
    Y0_FIELD_NUMBER: _ClassVar[int]
    X1_FIELD_NUMBER: _ClassVar[int]
    Y1_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    x0: float
    y0: float
    x1: float
    y1: float
    object: int
    def __init__(self, x0: _Optional[float] = ..., y0: _Optional[float] = ..., x1: _Optional[float] = ..., y1: _Optional[float] = ..., object: _Optional[int] = ...) -> None: ...

class Prompt(_message.Message):
    __slots__ = ("click", "stroke", "box")
    CLICK_FIELD_NUMBER: _ClassVar[int]
    STROKE_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    click: Click
    stroke: Stroke
    box: Box
    def __init__(self, click: _Optional[_Union[Click, _Mapping]] = ..., stroke: _Optional[_Union[Stroke, _Mapping]] = ..., box: _Optional[_Union[Box, _Mapping]] = ...) -> None: ...

class Mask(_message.Message):
    __slots__ = ("object", "frame", "roi", "width", "height", "encoding", "data", "blob", "score", "provenance", "window", "made", "inside")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    ROI_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    MADE_FIELD_NUMBER: _ClassVar[int]
    INSIDE_FIELD_NUMBER: _ClassVar[int]
    object: int
    frame: int
    roi: Box
    width: int
    height: int
    encoding: str
    data: bytes
    blob: BlobId
    score: float
    provenance: str
    window: Window
    made: Provenance
    inside: Window
    def __init__(self, object: _Optional[int] = ..., frame: _Optional[int] = ..., roi: _Optional[_Union[Box, _Mapping]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., encoding: _Optional[str] = ..., data: _Optional[bytes] = ..., blob: _Optional[_Union[BlobId, _Mapping]] = ..., score: _Optional[float] = ..., provenance: _Optional[str] = ..., window: _Optional[_Union[Window, _Mapping]] = ..., made: _Optional[_Union[Provenance, _Mapping]] = ..., inside: _Optional[_Union[Window, _Mapping]] = ...) -> None: ...

class Provenance(_message.Message):
    __slots__ = ("made_by", "model", "model_version", "weights_sha256", "adapter", "engine")
    MADE_BY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_SHA256_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    made_by: str
    model: str
    model_version: str
    weights_sha256: str
    adapter: str
    engine: str
    def __init__(self, made_by: _Optional[str] = ..., model: _Optional[str] = ..., model_version: _Optional[str] = ..., weights_sha256: _Optional[str] = ..., adapter: _Optional[str] = ..., engine: _Optional[str] = ...) -> None: ...

class PredictRequest(_message.Message):
    __slots__ = ("session_id", "seq", "model", "frame", "clicks", "strokes", "boxes", "prev", "options_json", "prompts", "slot", "plate")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    STROKES_FIELD_NUMBER: _ClassVar[int]
    BOXES_FIELD_NUMBER: _ClassVar[int]
    PREV_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    SLOT_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    seq: int
    model: str
    frame: FrameRef
    clicks: _containers.RepeatedCompositeFieldContainer[Click]
    strokes: _containers.RepeatedCompositeFieldContainer[Stroke]
    boxes: _containers.RepeatedCompositeFieldContainer[Box]
    prev: _containers.RepeatedCompositeFieldContainer[Mask]
    options_json: str
    prompts: _containers.RepeatedCompositeFieldContainer[Prompt]
    slot: str
    plate: PlateRef
    def __init__(self, session_id: _Optional[str] = ..., seq: _Optional[int] = ..., model: _Optional[str] = ..., frame: _Optional[_Union[FrameRef, _Mapping]] = ..., clicks: _Optional[_Iterable[_Union[Click, _Mapping]]] = ..., strokes: _Optional[_Iterable[_Union[Stroke, _Mapping]]] = ..., boxes: _Optional[_Iterable[_Union[Box, _Mapping]]] = ..., prev: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ..., options_json: _Optional[str] = ..., prompts: _Optional[_Iterable[_Union[Prompt, _Mapping]]] = ..., slot: _Optional[str] = ..., plate: _Optional[_Union[PlateRef, _Mapping]] = ...) -> None: ...

class PredictResponse(_message.Message):
    __slots__ = ("seq", "masks", "embedding_hit", "model_version", "timings_ms", "queue_position")
    class TimingsMsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    SEQ_FIELD_NUMBER: _ClassVar[int]
    MASKS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_HIT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_MS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    seq: int
    masks: _containers.RepeatedCompositeFieldContainer[Mask]
    embedding_hit: bool
    model_version: str
    timings_ms: _containers.ScalarMap[str, float]
    queue_position: int
    def __init__(self, seq: _Optional[int] = ..., masks: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ..., embedding_hit: _Optional[bool] = ..., model_version: _Optional[str] = ..., timings_ms: _Optional[_Mapping[str, float]] = ..., queue_position: _Optional[int] = ...) -> None: ...

class StartJobRequest(_message.Message):
    __slots__ = ("idempotency_key", "kind", "model", "options_json", "session_id", "project", "propagate", "process", "train", "plate")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    PROPAGATE_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    kind: str
    model: str
    options_json: str
    session_id: str
    project: str
    propagate: PropagateSpec
    process: ProcessSpec
    train: TrainSpec
    plate: PlateRef
    def __init__(self, idempotency_key: _Optional[str] = ..., kind: _Optional[str] = ..., model: _Optional[str] = ..., options_json: _Optional[str] = ..., session_id: _Optional[str] = ..., project: _Optional[str] = ..., propagate: _Optional[_Union[PropagateSpec, _Mapping]] = ..., process: _Optional[_Union[ProcessSpec, _Mapping]] = ..., train: _Optional[_Union[TrainSpec, _Mapping]] = ..., plate: _Optional[_Union[PlateRef, _Mapping]] = ...) -> None: ...

class PropagateSpec(_message.Message):
    __slots__ = ("frames", "keys", "start", "direction", "context", "adapter")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[FrameRef]
    keys: _containers.RepeatedCompositeFieldContainer[Mask]
    start: int
    direction: int
    context: _containers.RepeatedCompositeFieldContainer[FrameRef]
    adapter: BlobId
    def __init__(self, frames: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., keys: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ..., start: _Optional[int] = ..., direction: _Optional[int] = ..., context: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., adapter: _Optional[_Union[BlobId, _Mapping]] = ...) -> None: ...

class ProcessSpec(_message.Message):
    __slots__ = ("frames", "aux", "tile", "output", "mattes", "fixed")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    AUX_FIELD_NUMBER: _ClassVar[int]
    TILE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    MATTES_FIELD_NUMBER: _ClassVar[int]
    FIXED_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[FrameRef]
    aux: _containers.RepeatedCompositeFieldContainer[FrameRef]
    tile: Tile
    output: BlobInfo
    mattes: _containers.RepeatedCompositeFieldContainer[Mask]
    fixed: _containers.RepeatedCompositeFieldContainer[Mask]
    def __init__(self, frames: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., aux: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., tile: _Optional[_Union[Tile, _Mapping]] = ..., output: _Optional[_Union[BlobInfo, _Mapping]] = ..., mattes: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ..., fixed: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ...) -> None: ...

class TrainSpec(_message.Message):
    __slots__ = ("examples", "base_model", "publish_as", "context", "resume_from")
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    BASE_MODEL_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_AS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    RESUME_FROM_FIELD_NUMBER: _ClassVar[int]
    examples: _containers.RepeatedCompositeFieldContainer[Example]
    base_model: str
    publish_as: str
    context: _containers.RepeatedCompositeFieldContainer[FrameRef]
    resume_from: BlobId
    def __init__(self, examples: _Optional[_Iterable[_Union[Example, _Mapping]]] = ..., base_model: _Optional[str] = ..., publish_as: _Optional[str] = ..., context: _Optional[_Iterable[_Union[FrameRef, _Mapping]]] = ..., resume_from: _Optional[_Union[BlobId, _Mapping]] = ...) -> None: ...

class Example(_message.Message):
    __slots__ = ("frame", "mask", "weight", "held_out", "decided", "approved")
    FRAME_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    HELD_OUT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    APPROVED_FIELD_NUMBER: _ClassVar[int]
    frame: FrameRef
    mask: Mask
    weight: float
    held_out: bool
    decided: Mask
    approved: bool
    def __init__(self, frame: _Optional[_Union[FrameRef, _Mapping]] = ..., mask: _Optional[_Union[Mask, _Mapping]] = ..., weight: _Optional[float] = ..., held_out: _Optional[bool] = ..., decided: _Optional[_Union[Mask, _Mapping]] = ..., approved: _Optional[bool] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("id", "kind", "state", "last_seq", "epoch", "error", "owner", "created", "queue_position", "progress")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    state: str
    last_seq: int
    epoch: int
    error: Error
    owner: str
    created: _timestamp_pb2.Timestamp
    queue_position: int
    progress: float
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., state: _Optional[str] = ..., last_seq: _Optional[int] = ..., epoch: _Optional[int] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., owner: _Optional[str] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queue_position: _Optional[int] = ..., progress: _Optional[float] = ...) -> None: ...

class JobRef(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class PauseJobRequest(_message.Message):
    __slots__ = ("id", "paused")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    id: str
    paused: bool
    def __init__(self, id: _Optional[str] = ..., paused: _Optional[bool] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("state", "kind", "project", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: str
    kind: str
    project: str
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[str] = ..., kind: _Optional[str] = ..., project: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("id", "after_seq", "inline_masks")
    ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    INLINE_MASKS_FIELD_NUMBER: _ClassVar[int]
    id: str
    after_seq: int
    inline_masks: bool
    def __init__(self, id: _Optional[str] = ..., after_seq: _Optional[int] = ..., inline_masks: _Optional[bool] = ...) -> None: ...

class JobEvent(_message.Message):
    __slots__ = ("seq", "job_id", "state", "progress", "frame", "masks", "outputs", "message", "metrics", "heartbeat", "error", "time")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    MASKS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    seq: int
    job_id: str
    state: str
    progress: float
    frame: int
    masks: _containers.RepeatedCompositeFieldContainer[Mask]
    outputs: _containers.RepeatedCompositeFieldContainer[BlobId]
    message: str
    metrics: _struct_pb2.Struct
    heartbeat: bool
    error: Error
    time: _timestamp_pb2.Timestamp
    def __init__(self, seq: _Optional[int] = ..., job_id: _Optional[str] = ..., state: _Optional[str] = ..., progress: _Optional[float] = ..., frame: _Optional[int] = ..., masks: _Optional[_Iterable[_Union[Mask, _Mapping]]] = ..., outputs: _Optional[_Iterable[_Union[BlobId, _Mapping]]] = ..., message: _Optional[str] = ..., metrics: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., heartbeat: _Optional[bool] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("reason", "message", "retryable", "retry_after_ms", "need", "frame", "subject", "why", "hint", "kind")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    NEED_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    retryable: bool
    retry_after_ms: int
    need: _containers.RepeatedCompositeFieldContainer[BlobId]
    frame: int
    subject: str
    why: str
    hint: str
    kind: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., retryable: _Optional[bool] = ..., retry_after_ms: _Optional[int] = ..., need: _Optional[_Iterable[_Union[BlobId, _Mapping]]] = ..., frame: _Optional[int] = ..., subject: _Optional[str] = ..., why: _Optional[str] = ..., hint: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...
