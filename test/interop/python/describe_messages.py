"""The messages of their plugin protocol: of each its fields, with number and type."""

import json

from cpex.framework.external.grpc.proto import plugin_service_pb2
from google.protobuf.descriptor import FieldDescriptor

SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_SINT64: "sint64",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_ENUM: "int32",
}


def described(field):
    if field.message_type is None:
        name = SCALARS[field.type]
    elif field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        return f"map<{described(key)}, {described(value)}>"
    else:
        name = field.message_type.name
    return f"{name}[]" if field.is_repeated else name


messages = plugin_service_pb2.DESCRIPTOR.message_types_by_name
print(json.dumps({name: {f.name: [f.number, described(f)] for f in m.fields} for name, m in messages.items()}))
