"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lbie_requests", "Requests", ["method", "route", "status"], registry=self._registry
        )  # fmt: skip
        self._seconds = Histogram(
            "lbie_request_seconds", "Time to the answer", ["route"], buckets=_SECONDS, registry=self._registry
        )
        self.edits = Counter("lbie_edits", "Edits and searches", ["model", "outcome"], registry=self._registry)
        self.encodings = Counter("lbie_encodings", "Encodings of images", ["kind"], registry=self._registry)
        ProcessCollector(registry=self._registry)

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a value that is asked for when metrics are."""
        Gauge(f"lbie_{name}", text, registry=self._registry).set_function(value)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method if method in _METHODS else "other", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self._registry)
