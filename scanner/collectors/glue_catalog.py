"""AWS Glue's data catalog: databases and their tables; and its registries of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, block, volatile
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from scanner.collectors.glue import GONE, TAGS, spelled
from state import Resource
from state.forms import MAP, UNORDERED, Form, sort_key

# --- databases ------------------------------------------------------------------------------------


async def _databases(place: Place) -> list[Item]:
    found = (await place.whole("glue", "get_databases")).get("DatabaseList") or ()
    return [
        {**each, "Arn": spelled(place, "database", each["Name"]), "CatalogId": each.get("CatalogId") or place.account}
        for each in found
    ]


async def _tables(place: Place, database: Item) -> list[Item]:
    """The tables of a database; a link to one of elsewhere has none of its own."""
    if database.get("TargetDatabase"):
        return []
    answer = await place.whole("glue", "get_tables", DatabaseName=database["Name"])
    return [
        {**each, "Arn": spelled(place, "table", f"{database['Name']}/{each['Name']}")}
        for each in answer.get("TableList") or ()
    ]


DATABASES = Once(_databases)


def first(database: Resource) -> bool:
    """The database that Athena and Spark make with the first query that names none."""
    return database.attributes.get("name") == "default"


DATABASE = Collector(
    type="aws_glue_catalog_database",
    service="glue",
    fetch=listing("glue_databases", DATABASES),
    details=(TAGS,),
    permissions=("glue:GetDatabases", "glue:GetTags"),
    id="join(':', [CatalogId, Name])",
    identity=("name",),
    at_default=first,
    attributes={
        "arn": "Arn",
        "catalog_id": "CatalogId",
        "create_table_default_permission": Attribute(
            path="CreateTableDefaultPermissions[].{permissions: Permissions, principal: Principal "
            "&& [Principal.{data_lake_principal_identifier: DataLakePrincipalIdentifier}]}",
            form=if_said(permissions=UNORDERED),
            convert=as_block,
        ),
        "description": "Description",
        "federated_database": block("FederatedDatabase.{connection_name: ConnectionName, identifier: Identifier}"),
        "location_uri": "LocationUri",
        "name": "Name",
        "parameters": Attribute(path="Parameters", form=MAP),
        "target_database": block("TargetDatabase.{catalog_id: CatalogId, database_name: DatabaseName, region: Region}"),
    },
    facts={"create_time": "CreateTime"},
    tags="Tagging.Tags",
)

# --- tables ---------------------------------------------------------------------------------------

COUNTED = frozenset(
    {
        "averageRecordSize",
        "metadata_location",
        "numFiles",
        "numRows",
        "objectCount",
        "previous_metadata_location",
        "rawDataSize",
        "recordCount",
        "sizeKey",
        "totalSize",
        "transient_lastDdlTime",
    }
)
"""What crawlers and queries write of a table by themselves: how much it holds, and where it is told now."""


def said_of_it(parameters: Any) -> Any:
    """The parameters that somebody gave it, as a text: a value that is empty is there all the same."""
    if not isinstance(parameters, Mapping):
        return None
    own = {name: each for name, each in parameters.items() if name not in COUNTED}
    return sort_key(own) if own else None


GIVEN = Form(canonical=said_of_it)


def by_a_crawler(table: Item) -> str | None:
    crawler = (table.get("Parameters") or {}).get("UPDATED_BY_CRAWLER")
    made = str(table.get("CreatedBy", "")).endswith("/AWS-Crawler")
    return f"glue: {crawler or 'a crawler'}" if made else None


STORED = """StorageDescriptor.{
    additional_locations: AdditionalLocations,
    bucket_columns: BucketColumns,
    columns: Columns[].{comment: Comment, name: Name, parameters: Parameters, type: Type},
    compressed: Compressed,
    input_format: InputFormat,
    location: Location,
    number_of_buckets: NumberOfBuckets,
    output_format: OutputFormat,
    parameters: Parameters,
    schema_reference: SchemaReference && [SchemaReference.{
        schema_id: SchemaId && [SchemaId.{
            registry_name: RegistryName, schema_arn: SchemaArn, schema_name: SchemaName}],
        schema_version_id: SchemaVersionId,
        schema_version_number: SchemaVersionNumber}],
    ser_de_info: SerdeInfo && [SerdeInfo.{
        name: Name, parameters: Parameters, serialization_library: SerializationLibrary}],
    skewed_info: SkewedInfo && [SkewedInfo.{
        skewed_column_names: SkewedColumnNames,
        skewed_column_value_location_maps: SkewedColumnValueLocationMaps,
        skewed_column_values: SkewedColumnValues}],
    sort_columns: SortColumns[].{column: Column, sort_order: SortOrder},
    stored_as_sub_directories: StoredAsSubDirectories}"""

TABLE = Collector(
    type="aws_glue_catalog_table",
    service="glue",
    fetch=inside("glue_tables", DATABASES, Once(_tables), lambda answer, database: answer),
    permissions=("glue:GetDatabases", "glue:GetTables"),
    id="join(':', [CatalogId, DatabaseName, Name])",
    identity=("database_name", "name"),
    owner=by_a_crawler,
    attributes={
        "arn": "Arn",
        "catalog_id": "CatalogId",
        "database_name": "DatabaseName",
        "description": "Description",
        "name": "Name",
        "owner": "Owner",
        "parameters": Attribute(path="Parameters", form=GIVEN),
        "partition_keys": block("PartitionKeys[].{comment: Comment, name: Name, parameters: Parameters, type: Type}"),
        "retention": "Retention",
        "storage_descriptor": block(
            STORED,
            columns=Form(inner={"parameters": GIVEN}),
            parameters=GIVEN,
            ser_de_info=Form(inner={"parameters": MAP}),
            skewed_info=Form(inner={"skewed_column_value_location_maps": MAP}),
        ),
        "table_type": "TableType",
        "target_table": block(
            "TargetTable.{catalog_id: CatalogId, database_name: DatabaseName, name: Name, region: Region}"
        ),
        "view_expanded_text": "ViewExpandedText",
        "view_original_text": "ViewOriginalText",
    },
    facts={
        "create_time": "CreateTime",
        "created_by": "CreatedBy",
        "is_registered_with_lake_formation": "IsRegisteredWithLakeFormation",
        "update_time": "UpdateTime",
    },
)

# --- schemas --------------------------------------------------------------------------------------

REGISTRY = Collector(
    type="aws_glue_registry",
    service="glue",
    fetch=Listing("list_registries", "Registries"),
    details=(Detail(operation="get_tags", arguments={"ResourceArn": "RegistryArn"}, into="Tagging", gone=GONE),),
    permissions=("glue:ListRegistries", "glue:GetTags"),
    id="RegistryArn",
    identity=("registry_name",),
    # Made with the first schema that names no registry.
    at_default=lambda registry: registry.attributes.get("registry_name") == "default-registry",
    attributes={"arn": "RegistryArn", "description": "Description", "registry_name": "RegistryName"},
    facts={"pending_deletion": "Status=='DELETING'"},
    tags="Tagging.Tags",
)

SCHEMA = Collector(
    type="aws_glue_schema",
    service="glue",
    fetch=Listing("list_schemas", "Schemas"),
    details=(
        Detail(
            operation="get_schema",
            arguments={"SchemaId": "{SchemaArn: SchemaArn}"},
            into="Got",
            gone=GONE,
            essential=True,
        ),
        Detail(operation="get_tags", arguments={"ResourceArn": "SchemaArn"}, into="Tagging", gone=GONE),
    ),
    permissions=("glue:ListSchemas", "glue:GetSchema", "glue:GetTags"),
    id="SchemaArn",
    attributes={
        "arn": "SchemaArn",
        "compatibility": "Got.Compatibility",
        "data_format": "Got.DataFormat",
        "description": "Got.Description",
        "latest_schema_version": volatile("Got.LatestSchemaVersion"),
        "next_schema_version": volatile("Got.NextSchemaVersion"),
        "registry_arn": "Got.RegistryArn",
        "registry_name": "Got.RegistryName",
        "schema_checkpoint": volatile("Got.SchemaCheckpoint"),
        "schema_name": "SchemaName",
    },
    facts={"pending_deletion": "SchemaStatus=='DELETING'"},
    tags="Tagging.Tags",
)

COLLECTORS = [DATABASE, REGISTRY, SCHEMA, TABLE]
