"""What cffi makes of cffi_build/core.h."""

from typing import Any

ffi: Any
lib: Any
