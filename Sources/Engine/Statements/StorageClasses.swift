import Catalog
import HiveSyntax
import Planner

/// The Java classes that stand for a storage format in DESCRIBE and SHOW CREATE TABLE, so that their output runs on a
/// cluster unchanged.
struct StorageClasses {
    var serde: String
    var inputFormat: String
    var outputFormat: String

    static let lazySimpleSerDe = RowFormatProperties.lazySimpleSerDe
    static let columnarSerDe = "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe"
    private static let ioPackage = "org.apache.hadoop.hive.ql.io"

    init(_ format: StorageDescriptor.Format) {
        let io = Self.ioPackage
        switch format {
        case .text:
            serde = Self.lazySimpleSerDe
            inputFormat = "org.apache.hadoop.mapred.TextInputFormat"
            outputFormat = "\(io).HiveIgnoreKeyTextOutputFormat"
        case .json:
            serde = "org.apache.hadoop.hive.serde2.JsonSerDe"
            inputFormat = "org.apache.hadoop.mapred.TextInputFormat"
            outputFormat = "\(io).HiveIgnoreKeyTextOutputFormat"
        case .sequence:
            serde = Self.lazySimpleSerDe
            inputFormat = "org.apache.hadoop.mapred.SequenceFileInputFormat"
            outputFormat = "\(io).HiveSequenceFileOutputFormat"
        case .rcfile:
            serde = "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe"
            inputFormat = "\(io).RCFileInputFormat"
            outputFormat = "\(io).RCFileOutputFormat"
        case .orc:
            serde = "\(io).orc.OrcSerde"
            inputFormat = "\(io).orc.OrcInputFormat"
            outputFormat = "\(io).orc.OrcOutputFormat"
        case .parquet:
            serde = "\(io).parquet.serde.ParquetHiveSerDe"
            inputFormat = "\(io).parquet.MapredParquetInputFormat"
            outputFormat = "\(io).parquet.MapredParquetOutputFormat"
        case .avro:
            serde = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
            inputFormat = "\(io).avro.AvroContainerInputFormat"
            outputFormat = "\(io).avro.AvroContainerOutputFormat"
        }
    }

    /// What a SerDe makes of a table's columns, for those that do not take them from the metastore as they are.
    static func columns(ofSerDe name: String) -> (areText: Bool, keepsComments: Bool)? {
        switch name {
        case "org.apache.hadoop.hive.serde2.OpenCSVSerde": (true, false)
        case "org.apache.hadoop.hive.serde2.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe",
            "org.apache.hadoop.hive.serde2.MultiDelimitSerDe", "org.apache.hadoop.hive.contrib.serde2.MultiDelimitSerDe":
            (false, false)
        case "org.apache.hadoop.hive.serde2.RegexSerDe", "org.apache.hadoop.hive.contrib.serde2.RegexSerDe": (false, true)
        default: nil
        }
    }

    /// The properties of a table that its SerDe heeds.
    static func properties(ofSerDe name: String) -> [String] {
        switch name {
        case StorageClasses(.orc).serde: ["orc.compress"]
        case StorageClasses(.parquet).serde: ["parquet.compression"]
        case StorageClasses(.avro).serde: ["avro.schema.literal", "avro.schema.url"]
        default: []
        }
    }

    /// Whether REPLACE COLUMNS is for tables of a SerDe: those whose columns are in the metastore alone.
    static func columnsMayBeReplaced(ofSerDe name: String) -> Bool {
        [
            lazySimpleSerDe, columnarSerDe, StorageClasses(.parquet).serde, StorageClasses(.orc).serde,
        ].contains(name)
    }

    /// `STORED AS` names.
    static func format(named name: String) -> StorageDescriptor.Format? {
        switch name.lowercased() {
        case "textfile": .text
        case "jsonfile": .json
        case "sequencefile": .sequence
        case "rcfile": .rcfile
        case "orc", "orcfile": .orc
        case "parquet", "parquetfile": .parquet
        case "avro", "avrofile": .avro
        default: nil
        }
    }

    /// `STORED AS INPUTFORMAT '…'`
    static func format(ofInputFormat name: String) -> StorageDescriptor.Format? {
        let formats: [StorageDescriptor.Format] = [.text, .sequence, .rcfile, .orc, .parquet, .avro]
        if name == "org.apache.hadoop.hive.ql.io.TextInputFormat" { return .text }
        return formats.first { StorageClasses($0).inputFormat == name }
    }
}

extension StatementRunner {
    /// Format, SerDe and its properties as CREATE TABLE says them; the location stays empty.
    func storage(_ storage: TableStorage, isExternal: Bool = false) throws -> StorageDescriptor {
        var format: StorageDescriptor.Format
        switch storage.fileFormat {
        case .named(let name):
            guard let known = StorageClasses.format(named: name.name) else {
                throw HiveError.semantic("Unrecognized file format in STORED AS clause: '\(name.text)'", code: 10055)
            }
            format = known
        case .classes(let input, _, _, _, _):
            guard let known = StorageClasses.format(ofInputFormat: input) else {
                throw HiveError.unsupported("STORED AS INPUTFORMAT '\(input)'")
            }
            format = known
        case .handler(let name, _, _, _): throw HiveError.unsupported("STORED BY '\(name)'")
        case nil:
            var name = settings[Settings.fileFormat].rawValue
            let managed = settings[Settings.managedFileFormat]
            if !isExternal, managed != .none { name = managed.rawValue }
            guard let known = StorageClasses.format(named: name) else {
                throw HiveError.semantic("Unrecognized file format: '\(name)'", code: 10055)
            }
            format = known
        }
        var result = StorageDescriptor(location: "", format: format, serde: StorageClasses(format).serde)
        switch storage.fileFormat {
        case .classes(_, _, let serde?, _, _): result.serde = serde
        case .classes: break
        default: result.serde = defaultSerDe(of: format) ?? result.serde
        }
        result.serdeProperties["serialization.format"] = "1"
        switch storage.rowFormat {
        case .delimited(let delimiters):
            if let lines = delimiters.lines, lines != "\n", lines != "10" {
                throw HiveError.semantic(
                    "LINES TERMINATED BY only supports newline '\\n' right now. Error encountered near token ''\(lines)''")
            }
            result.serdeProperties.merge(RowFormatProperties(.delimited(delimiters)).properties) { $1 }
        case .serde(let className, let properties):
            result.serde = className
            result.serdeProperties.merge(Self.dictionary(properties)) { $1 }
            if className.hasSuffix(".JsonSerDe"), format == .text { result.format = .json }
        case nil: break
        }
        return result
    }

    /// The SerDe that the session gives tables of a format.
    private func defaultSerDe(of format: StorageDescriptor.Format) -> String? {
        switch format {
        case .text, .sequence: settings[Settings.defaultSerDe]
        case .rcfile: settings[Settings.defaultRCFileSerDe]
        default: nil
        }
    }
}
