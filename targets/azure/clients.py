"""What the verbs of `context` do on Azure: each service by Azure's own library, with the function app's identity.

No library is imported before it is used: an app's requirements name those that its functions need.
"""

import base64
import itertools
import json
import os
import threading
import uuid
from datetime import datetime, timedelta, timezone

from . import portable
from .rows import Rows

# Azure's Node library turns the first letter of an attribute's name to lower case. Where that would
# change a name, the attributes travel a second time, as JSON text, under this one.
ATTRIBUTES = "fnc-attributes"

_opened = {}
_opening = threading.RLock()
_sending = threading.Lock()


def opened(key, make):
    """Returns the one client with this key in the process."""
    with _opening:
        if key not in _opened:
            _opened[key] = make()
        return _opened[key]


def identity():
    """Returns the identity of the function app."""
    from azure.identity import ManagedIdentityCredential

    return opened("identity", lambda: ManagedIdentityCredential(client_id=os.environ["AzureWebJobsStorage__clientId"]))


def address(kind, resource):
    """Returns where a resource of the program is; None when it is of another kind."""
    return os.environ.get(f"FNC_{kind}_{resource.upper()}")


def content(message):
    """Returns the bytes of a message."""
    return base64.b64decode(message["body"]) if message["base64"] else message["body"].encode("utf-8")


class Clients:
    """The resources that one function may use."""

    def __init__(self, config):
        self._resources = config["resources"]

    def send(self, resource, verb, message):
        """Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream."""
        options = self._resources.get(resource, {})
        if verb == "write":
            write_event(address("STREAM", resource), message)
        elif verb == "send":
            send_message("queue", address("QUEUE", resource), message, options)
        elif bus := address("BUS", resource):
            publish_event(bus, resource, message)
        else:
            send_message("topic", address("TOPIC", resource), message, options)

    def put_object(self, bucket, key, message):
        """Writes an object, over an older one too."""
        from azure.storage.blob import ContentSettings

        # Metadata is ASCII only.
        more = {"metadata": {OBJECT_ATTRIBUTES: json.dumps(message["attributes"])}} if message["attributes"] else {}
        container(bucket).upload_blob(key, content(message), overwrite=True,
                                      content_settings=ContentSettings(content_type=message["content_type"]), **more)

    def get_object(self, bucket, key):
        """Returns an object, or None."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            found = container(bucket).download_blob(key)
            body = found.readall()
        except ResourceNotFoundError:
            return None
        it = found.properties
        attributes = portable.from_json((it.metadata or {}).get(OBJECT_ATTRIBUTES, "{}")) or {}
        return portable.stored_object(key=key, body=body, content_type=it.content_settings.content_type, size=len(body),
                                      etag=it.etag.strip('"'), time=it.last_modified, attributes=attributes)

    def list_objects(self, bucket, prefix, limit):
        """Returns the objects whose keys begin so, in order."""
        found = container(bucket).list_blobs(name_starts_with=prefix or None)
        return [{"key": it.name, "size": it.size, "etag": it.etag.strip('"'), "time": portable.timestamp(it.last_modified)}
                for it in itertools.islice(found, limit)]

    def delete_object(self, bucket, key):
        """Deletes an object; nothing happens when there is none."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            container(bucket).delete_blob(key)
        except ResourceNotFoundError:
            pass

    def put_row(self, table, row):
        """Puts a row, over an older one too."""
        self._rows(table).put(row)

    def get_row(self, table, key):
        """Returns a row, or None."""
        return self._rows(table).get(key)

    def query_rows(self, table, query):
        """Returns the rows that a query finds, in order."""
        return self._rows(table).query(query)

    def delete_row(self, table, key):
        """Deletes a row; nothing happens when there is none."""
        self._rows(table).delete(key)

    def _rows(self, table):
        return Rows(table, self._resources[table], opened(("table", table), lambda: _table(address("TABLE", table))))


# --- Service Bus --------------------------------------------------------------------------------


def send_message(kind, name, message, options):
    """Sends a message to a queue or a topic; Azure's senders aren't made for several threads, so they take turns."""
    from azure.servicebus import ServiceBusMessage

    body = content(message)
    if len(body) > options.get("max_size", len(body)):
        raise ValueError(f"a message of {len(body)} bytes is more than the {options['max_size']} that `{name}` takes")
    properties = dict(message["attributes"])
    if any(it[:1] != it[:1].lower() for it in properties):
        properties[ATTRIBUTES] = portable.to_json(properties)
    made = ServiceBusMessage(body, message_id=str(uuid.uuid4()), content_type=message["content_type"],
                             application_properties=properties, subject=message["type"])
    if options.get("fifo"):
        made.session_id = message["group"] or "default"
    delay_ms = message["delay_ms"] or options.get("delay_ms", 0)
    if delay_ms:
        made.scheduled_enqueue_time_utc = datetime.now(timezone.utc) + timedelta(milliseconds=delay_ms)

    def sender():
        client = opened("FNC_SERVICEBUS", _service_bus)
        return client.get_queue_sender(name) if kind == "queue" else client.get_topic_sender(name)

    with _sending:
        opened((kind, name), sender).send_messages(made)


def _service_bus():
    from azure.servicebus import ServiceBusClient

    local = os.environ.get("FNC_SERVICEBUS")
    if local:
        return ServiceBusClient.from_connection_string(local)
    return ServiceBusClient(os.environ["FNC_SERVICEBUS__fullyQualifiedNamespace"], identity())


# --- Event Hubs ---------------------------------------------------------------------------------


def write_event(hub, message):
    """Writes a record to a stream; without a key it may go to any partition."""
    from azure.eventhub import EventData

    event = EventData(content(message))
    event.content_type = message["content_type"]
    producer = opened(("stream", hub), lambda: _producer(hub))
    keyed = {} if message["key"] is None else {"partition_key": message["key"]}
    with _sending:
        producer.send_batch([event], **keyed)


def _producer(hub):
    from azure.eventhub import EventHubProducerClient

    local = os.environ.get("FNC_EVENTHUBS")
    if local:
        return EventHubProducerClient.from_connection_string(local, eventhub_name=hub)
    return EventHubProducerClient(os.environ["FNC_EVENTHUBS__fullyQualifiedNamespace"], hub, identity())


# --- Blob Storage -------------------------------------------------------------------------------


# The metadata of an object that holds its attributes.
OBJECT_ATTRIBUTES = "fncattributes"


def container(bucket):
    """Returns the client of a bucket's container."""
    return opened(("bucket", bucket), lambda: _container(address("BUCKET", bucket)))


def _container(place):
    from azure.storage.blob import ContainerClient

    local = os.environ.get("FNC_STORAGE")
    if local:
        return ContainerClient.from_connection_string(local, place)
    return ContainerClient.from_container_url(place, identity())


# --- Cosmos DB ----------------------------------------------------------------------------------


DATABASE = "tables"


def _table(name):
    return opened("FNC_COSMOS", _cosmos).get_database_client(DATABASE).get_container_client(name)


def _cosmos():
    from azure.cosmos import CosmosClient

    local = os.environ.get("FNC_COSMOS")
    if local:
        return CosmosClient.from_connection_string(local)
    return CosmosClient(os.environ["FNC_COSMOS__accountEndpoint"], identity())


# --- Event Grid ---------------------------------------------------------------------------------


# An inbox takes messages of 256 KB; what Event Grid adds needs some of it.
MOST_OF_AN_EVENT = 240 * 1024


def publish_event(endpoint, bus, message):
    """Publishes an event to a bus, as a CloudEvent."""
    from azure.core.messaging import CloudEvent

    body = content(message)
    if len(body) > MOST_OF_AN_EVENT:
        raise ValueError(f"an event of {len(body)} bytes is more than the {MOST_OF_AN_EVENT} that `{bus}` takes")
    extensions = {"fncattributes": portable.to_json(message["attributes"])} if message["attributes"] else None
    is_json = message["content_type"] == "application/json"
    text = None if message["base64"] else message["body"]
    data = body if message["base64"] else json.loads(text) if is_json else text
    event = CloudEvent(bus, message["type"], data=data, datacontenttype=message["content_type"],
                       subject=message["subject"], extensions=extensions)
    with _sending:
        opened(("bus", bus), lambda: _publisher(endpoint)).send(event)


def _publisher(endpoint):
    from azure.eventgrid import EventGridPublisherClient

    return EventGridPublisherClient(endpoint, identity())
