import Platform

/// The form of a saved model: one file with a head in JSON and named parts in any form, each with its digest.
///
///     hiveql-model 2 <bytes of the head> <SHA-256 of the head>
///     { "model": …, "parts": [ { "bytes": …, "name": …, "sha256": … } ] }
///     <the parts, one after the other>
///
/// What is torn, mixed from two files or changed is refused. Equal contents give equal bytes.
package struct ModelArchive: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    package static let version = 2
    private static let mark = "hiveql-model "

    /// What the head says of the model.
    package var model: JSON
    package var parts: [Part]

    package init(model: JSON, parts: [Part] = []) {
        self.model = model
        self.parts = parts
    }

    package func part(_ name: String) -> [UInt8]? { parts.first { $0.name == name }?.bytes }

    /// Why bytes are no archive that can be read.
    package struct Invalid: Error, Sendable, Equatable {
        package let reason: String
    }

    /// Whether `bytes` begin as archives do, of whatever version.
    package static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark.utf8) }

    // MARK: Writing

    private struct Entry: Codable {
        var name: String
        var bytes: Int
        var sha256: String
    }

    package func encoded() throws -> [UInt8] {
        let entries = try parts.map {
            Entry(name: $0.name, bytes: $0.bytes.count, sha256: try Self.digest($0.bytes))
        }
        let head = JSON.object([.init("model", model), .init("parts", try JSON(encoding: entries))])
        let text = Array((try head.written(isIndented: true) + "\n").utf8)
        var bytes = Array("\(Self.mark)\(Self.version) \(text.count) \(try Self.digest(text))\n".utf8)
        bytes += text
        for part in parts { bytes += part.bytes }
        return bytes
    }

    private static func digest(_ bytes: [UInt8]) throws -> String {
        try MessageDigest.digest(bytes, .sha256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: Reading

    /// - Throws: `Invalid`; `CryptoError` when digests cannot be computed here.
    package init(_ bytes: [UInt8]) throws {
        guard Self.isArchive(bytes), let lineEnd = bytes.prefix(256).firstIndex(of: 0x0A) else {
            throw Invalid(reason: "it is no model of hiveql")
        }
        let fields = String(decoding: bytes[..<lineEnd], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 4, let version = Int(fields[1]) else { throw Invalid(reason: "its first line is damaged") }
        guard version == Self.version else {
            throw Invalid(reason: "its version is \(version), this program reads \(Self.version)")
        }
        guard let headCount = Int(fields[2]), headCount >= 0, bytes.count - lineEnd - 1 >= headCount else {
            throw Invalid(reason: "it is cut short")
        }
        var place = lineEnd + 1 + headCount
        let text = Array(bytes[(lineEnd + 1)..<place])
        guard try Self.digest(text) == fields[3] else { throw Invalid(reason: "its head is damaged: its digest is another") }
        let head: JSON
        do { head = try JSON(text) } catch { throw Invalid(reason: "its head is no JSON: \(error)") }
        guard let model = head["model"], let entries = try? head["parts"]?.decode([Entry].self) else {
            throw Invalid(reason: "its head lacks the model or the list of parts")
        }
        self.model = model
        parts = []
        for entry in entries {
            guard entry.bytes >= 0, bytes.count - place >= entry.bytes else { throw Invalid(reason: "it is cut short") }
            let part = Array(bytes[place..<place + entry.bytes])
            guard try Self.digest(part) == entry.sha256 else {
                throw Invalid(reason: "its part '\(entry.name)' is damaged or another model's: its digest is another")
            }
            guard self.part(entry.name) == nil else { throw Invalid(reason: "two parts have the name '\(entry.name)'") }
            parts.append(Part(name: entry.name, bytes: part))
            place += entry.bytes
        }
        guard place == bytes.count else { throw Invalid(reason: "there are bytes behind its last part") }
    }
}
