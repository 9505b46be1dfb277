import FeatureTables

/// A ZIP file of arrays, as `numpy.load` reads it: `X`, and where there are such `y`, `classes` and `weights`; and
/// `feature_names`. A missing value is NaN; `y` is a class's position in `classes`, or the number.
///
/// A sparse table has the members of `scipy.sparse.save_npz` in place of `X`, so that `scipy.sparse.load_npz` reads it.
struct NumPyArchiveFormat: FeatureFormat {
    let isCompressed: Bool
    var name: String { isCompressed ? "npz-compressed" : "npz" }
    var suffixes: [String] { isCompressed ? [] : [".npz"] }
    var summary: String {
        "NumPy arrays X, y, weights and names; sparse features as SciPy keeps them" + (isCompressed ? "; deflated" : "")
    }

    /// Arrays of texts have elements of one length: an absurd one among many would fill the disk.
    private static let largestTexts = 1 << 30

    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        let names = try texts(table.featureNames, "names of the features", file)
        var classes: [UInt8]?
        if case .classes(_, let all) = table.label { classes = try texts(all, "classes", file) }
        let zip = ZipFile(file, isCompressed: isCompressed)
        let width = table.matrix.columnCount
        switch table.matrix.storage {
        case .dense(let elements):
            try zip.add("X.npy") { emit in
                try send(NumPyHeader(type: "<f8", shape: [table.rowCount, width]), emit)
                try send(UnsafeBufferPointer(start: elements, count: table.rowCount * width), emit, check)
            }
        case .sparse(let rows): try add(rows, table.rowCount, width, to: zip, check)
        }
        switch table.label {
        case .classes(let codes, _):
            try zip.add("y.npy") { emit in
                try send(NumPyHeader(type: "<i4", shape: [codes.count]), emit)
                try codes.withUnsafeBufferPointer { try send($0, emit, check) }
            }
        case .numbers(let numbers): try add("y", numbers, to: zip, check)
        case nil: break
        }
        if let classes { try zip.add("classes.npy") { emit in try classes.withUnsafeBytes(emit) } }
        if let weights = table.weights { try add("weights", weights, to: zip, check) }
        try zip.add("feature_names.npy") { emit in try names.withUnsafeBytes(emit) }
        withExtendedLifetime(table) {}
        try zip.finish()
    }

    private func add(_ name: String, _ numbers: [Double], to zip: ZipFile, _ check: () throws -> Void) throws {
        try zip.add("\(name).npy") { emit in
            try send(NumPyHeader(type: "<f8", shape: [numbers.count]), emit)
            try numbers.withUnsafeBufferPointer { try send($0, emit, check) }
        }
    }

    // MARK: Sparse

    private func add(
        _ rows: FeatureMatrix.SparseRows, _ rowCount: Int, _ width: Int, to zip: ZipFile, _ check: () throws -> Void
    ) throws {
        let count = rows.rowStarts[rowCount]
        try zip.add("indices.npy") { emit in
            try send(NumPyHeader(type: "<i4", shape: [count]), emit)
            try send(UnsafeBufferPointer(start: rows.columns, count: count), emit, check)
        }
        try zip.add("indptr.npy") { emit in
            // SciPy wants both kinds of index in one type, where that is wide enough.
            if count <= Int(Int32.max) {
                try send(NumPyHeader(type: "<i4", shape: [rowCount + 1]), emit)
                let starts = (0...rowCount).map { Int32(truncatingIfNeeded: rows.rowStarts[$0]) }
                try starts.withUnsafeBufferPointer { try send($0, emit, check) }
            } else {
                try send(NumPyHeader(type: "<i8", shape: [rowCount + 1]), emit)
                try send(UnsafeBufferPointer(start: rows.rowStarts, count: rowCount + 1), emit, check)
            }
        }
        try zip.add("format.npy") { emit in
            try send(NumPyHeader(type: "|S3", shape: []), emit)
            try Array("csr".utf8).withUnsafeBytes(emit)
        }
        try zip.add("shape.npy") { emit in
            try send(NumPyHeader(type: "<i8", shape: [2]), emit)
            try [rowCount, width].withUnsafeBytes(emit)
        }
        try zip.add("data.npy") { emit in
            try send(NumPyHeader(type: "<f8", shape: [count]), emit)
            try send(UnsafeBufferPointer(start: rows.values, count: count), emit, check)
        }
    }

    // MARK: Texts

    /// An array of texts, each as many code points of 32 bits as the longest has.
    private func texts(_ texts: [String], _ what: String, _ file: ExportFile) throws -> [UInt8] {
        let length = max(texts.map { $0.unicodeScalars.count }.max() ?? 0, 1)
        let (size, overflow) = length.multipliedReportingOverflow(by: texts.count)
        guard !overflow, size <= Self.largestTexts / 4 else {
            throw ExportError(
                path: file.path, "the \(what) would take \(texts.count) times \(length) characters, the length of the longest one")
        }
        var bytes = NumPyHeader(type: "<U\(length)", shape: [texts.count]).encoded()
        bytes.reserveCapacity(bytes.count + size * 4)
        for text in texts {
            var count = 0
            for scalar in text.unicodeScalars {
                bytes.append(littleEndian: scalar.value)
                count += 1
            }
            bytes.append(contentsOf: repeatElement(0, count: (length - count) * 4))
        }
        return bytes
    }
}

private typealias Emit = (UnsafeRawBufferPointer) throws -> Void

private func send(_ header: NumPyHeader, _ emit: Emit) throws { try header.encoded().withUnsafeBytes(emit) }

/// Elements in pieces, so that there is a place to give up at.
private func send<Element>(_ elements: UnsafeBufferPointer<Element>, _ emit: Emit, _ check: () throws -> Void) throws {
    var start = 0
    while start < elements.count {
        let end = min(start + (1 << 17), elements.count)
        try check()
        try emit(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[start..<end])))
        start = end
    }
}
