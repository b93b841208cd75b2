"""A world server's metrics, by HTTP: GET /metrics, for Prometheus or curl."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IListeningPort
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

from bluemarble.ops import metrics
from bluemarble.servers import opening

if TYPE_CHECKING:
    from bluemarble.servers.world import WorldService


class Root(Resource):
    """What has the one page."""

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Nothing else is there."""
        return notFound()


class Page(Resource):
    """
    The one page there is.

    @param figures: tells how things are now.
    """

    isLeaf = True

    def __init__(self, figures: Callable[[], metrics.Figures]) -> None:
        super().__init__()
        self.figures = figures

    def render_GET(self, request: Request) -> bytes:
        """All of it, in a fraction of a millisecond."""
        request.setHeader(b"content-type", metrics.CONTENT_TYPE.encode())
        return metrics.render(self.figures())


class Quiet(Site):
    """A site that does not write down who asks, once in 15 s for ever."""

    noisy = False

    def log(self, request: Any) -> None:
        """Nothing."""


def listen(service: "WorldService") -> list[IListeningPort]:
    """
    The ports where the service's figures are served; none when that is off.

    @raise opening.CannotStart: a port is in use, or may not be used.
    """
    settings, reactor = service.config.metrics, service.reactor
    if not settings.port:
        return []
    root = Root()
    root.putChild(b"metrics", Page(lambda: figures(service)))
    site = Quiet(root, reactor=reactor)
    return opening.listen(reactor, settings.addresses, settings.port, site, "metrics")


def figures(service: "WorldService") -> metrics.Figures:
    """How things are now."""
    gateway, udp = service.gateway, service.udp
    return metrics.Figures(
        ticks=service.durations,
        late=service.late_total,
        sessions=len(gateway.sessions) + len(gateway.alone()),
        players=len(gateway.present),
        strain=0 if service.world is None else service.world.strain,
        counts=gateway.counts,
        udp={} if udp is None else udp.counters(),
    )
