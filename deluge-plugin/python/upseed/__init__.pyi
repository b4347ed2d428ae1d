from ._upseed import Node as Node
from ._upseed import UpseedError as UpseedError
from ._upseed import __version__ as __version__
from ._upseed import create as create
from ._upseed import inspect as inspect
from ._upseed import rank as rank
from ._upseed import verify as verify

__all__ = ['Node', 'UpseedError', '__version__', 'create', 'inspect', 'rank', 'verify']
