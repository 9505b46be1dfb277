/// A format of files for other programs.
public struct ExportFormat: Sendable {
    let format: any FeatureFormat

    /// As `--format` names it.
    public var name: String { format.name }
    public var suffixes: [String] { format.suffixes }
    public var summary: String { format.summary }
    /// Whether rows of any columns can be written; otherwise features alone.
    public var takesRows: Bool { format is any RowFormat }

    public static let csv = ExportFormat(format: DelimitedText.csv)
    public static let tsv = ExportFormat(format: DelimitedText.tsv)
    public static let libsvm = ExportFormat(format: LibsvmFormat())
    public static let arff = ExportFormat(format: ARFFFormat())
    public static let sparseARFF = ExportFormat(format: SparseARFFFormat())
    public static let npy = ExportFormat(format: NumPyFormat())
    public static let npz = ExportFormat(format: NumPyArchiveFormat(isCompressed: false))
    public static let compressedNPZ = ExportFormat(format: NumPyArchiveFormat(isCompressed: true))
    public static let arrow = ExportFormat(format: ArrowFormat(isStream: false))
    public static let arrowStream = ExportFormat(format: ArrowFormat(isStream: true))
    public static let parquet = ExportFormat(format: ParquetExport())

    public static let all = [
        csv, tsv, parquet, arrow, arrowStream, npy, npz, compressedNPZ, libsvm, arff, sparseARFF,
    ]

    /// - Throws: `ExportError` for a name that no format has.
    public init(named name: String) throws {
        let wanted = name.lowercased()
        guard let found = Self.all.first(where: { $0.name == wanted }) else {
            throw ExportError("there is no format '\(name)': \(Self.all.map(\.name).joined(separator: ", "))")
        }
        self = found
    }

    /// The format that a file's suffix says.
    /// - Throws: `ExportError` for a suffix of no format.
    public init(ofFile path: String) throws {
        let lowered = path.lowercased()
        guard let found = Self.all.first(where: { $0.suffixes.contains { lowered.hasSuffix($0) } }) else {
            let known = Self.all.flatMap(\.suffixes).joined(separator: ", ")
            throw ExportError("the suffix of '\(path)' says no format (\(known)): name one with --format")
        }
        self = found
    }

    init(format: any FeatureFormat) { self.format = format }
}
