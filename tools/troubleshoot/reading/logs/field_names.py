"""What the many names of fields in structured lines mean."""

from functools import lru_cache
from typing import Final

LONGEST_NAME = 120

_NAMES: Final = {
    "time": "time timestamp @timestamp ts t date datetime eventtime asctime starttime receivetimestamp loggedat",
    "level": "level lvl severity loglevel log.level levelname severitytext logger.level",
    "message": "message msg event text textpayload shortmessage body log",
    "status": (
        "status statuscode http.status httpstatus http.statuscode http.response.statuscode responsecode "
        "response.status response.statuscode res.status res.statuscode httprequest.status "
        "httpresponse.status http.responsestatus sc "
        "err.status err.statuscode error.status error.statuscode responsestatus httpstatuscode err.response.status"
    ),
    "method": (
        "method verb httpmethod http.method http.request.method httprequest.requestmethod req.method request.method "
        "requestmethod"
    ),
    "path": (
        "path uri url target route endpoint requesturi requestpath requesturl http.url http.path http.target "
        "http.route url.path url.full url.original req.url req.path request.url request.path request.uri "
        "httprequest.requesturl "
        "http.request.path http.urldetails.path x-envoy-original-path"
    ),
    "ms": "durationms elapsedms latencyms responsetimems tookms requesttimems timems totalms durationmillis millis",
    "seconds": "durations elapseds latencys durationseconds elapsedseconds requesttime latencyseconds durationsec",
    "micros": "durationus latencyus elapsedus durationmicros",
    "nanos": "event.duration durationns latencyns elapsedns durationnanos",
    "duration": (
        "duration elapsed latency took responsetime httprequest.latency http.duration http.latency "
        "totaltime servicetime"
    ),
    "client": (
        "clientid apikeyid keyid apikey tenant tenantid accountid account customerid customer "
        "organizationid orgid org "
        "client.id client.name workspaceid merchantid consumer usr.id userid user user.id user.name principal"
    ),
    "address": (
        "ip clientip remoteip remoteaddr remoteaddress client.ip client.address source.ip network.client.ip "
        "httprequest.remoteip req.remoteaddress req.ip http.clientip peer downstreamremoteaddress "
        "xforwardedfor client "
        "fwd addr sourceip"
    ),
    "region": (
        "region cloud.region awsregion zone availabilityzone cloud.availabilityzone datacenter dc pop colo "
        "resource.labels.location"
    ),
    "host": (
        "host hostname pod podname kubernetes.podname kubernetes.pod.name instance node server host.name authority "
        "containername resource.labels.podname dyno"
    ),
    "version": (
        "version appversion service.version release build gitsha sdkversion clientversion apiversion serviceversion"
    ),
    "agent": "useragent httpuseragent http.useragent useragent.original httprequest.useragent req.headers.user-agent",
    "error_code": (
        "errorcode code error.code err.code errortype error.type error.kind err.type err.name error.name "
        "exception.type exceptionclass responseflags grpccode grpc.code"
    ),
    "details": (
        "error err error.message err.message exception exception.message errormessage reason cause responsebody "
        "response.body res.body responsecodedetails errordetail detail error.reason"
    ),
    "trace": "stack stacktrace error.stack err.stack error.stacktrace exception.stacktrace excinfo traceback",
    "event_id": "eventid event.id webhookevent webhookeventid event.webhookid evt evtid",
    "delivery_id": "deliveryid webhookid delivery delivery.id xgithubdelivery svixid webhookdeliveryid",
    "idempotency_key": "idempotencykey idempotency headers.idempotency-key req.headers.idempotency-key",
    "request_id": (
        "requestid xrequestid reqid rid req.id request.id http.requestid http.request.id correlationid "
        "xcorrelationid "
        "traceid trace.id dd.traceid logging.googleapis.com/trace trace awsrequestid operationid"
    ),
    "record_id": "recordid orderid order.id paymentid payment.id invoiceid invoice.id chargeid transactionid refundid",
    "retry_after": (
        "retryafter retryafterseconds retryafters headers.retry-after res.headers.retry-after "
        "response.headers.retry-after responseheaders.retry-after"
    ),
    "seconds_part": "time.seconds timestamp.seconds",
}
_ROLES: Final = {name: role for role, names in _NAMES.items() for name in names.split()}

_CONTAINERS: Final = frozenset(
    {"jsonpayload", "fields", "context", "contextmap", "data", "attributes", "extra", "meta", "metadata", "payload"}
    | {"properties", "mdc", "record", "labels", "log", "details"}
)
"""Objects within a line that add nothing to the names of what they hold."""


@lru_cache(4_096)
def role_of(name: str) -> str:
    """What a field of this name is; empty where it is nothing that is read."""
    plain = name.lower().replace("_", "")
    return _ROLES.get(plain) or _ROLES.get(plain.replace("-", ""), "")


@lru_cache(1_024)
def is_container(name: str) -> bool:
    return name.lower().replace("_", "") in _CONTAINERS
