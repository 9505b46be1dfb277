import Foundation
import TableFormats
import Testing

/// Footers are kept as long as their files are the same, and no longer.
@Suite struct FooterCacheTests {
    private final class Footer: Sendable {}

    /// A file whose footer is asked for again and again.
    private final class Asked {
        let path = NSTemporaryDirectory() + "footer-\(UUID().uuidString)"
        let cache: FooterCache
        private(set) var parsed = 0

        /// - Parameter limit: of the cache.
        init(limit: Int = 1 << 20, now: Int = .max / 2) throws {
            cache = FooterCache(limit: limit, now: { now })
            try write("first")
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Rewrites the file where it stands, and says that this was so many seconds after 1970.
        func write(_ text: String, modified: Double = 1000) throws {
            let file = FileManager.default
            if file.fileExists(atPath: path) {
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
            } else {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            }
            try file.setAttributes([.modificationDate: Date(timeIntervalSince1970: modified)], ofItemAtPath: path)
        }

        /// Puts another file in its place.
        func replace(by text: String, modified: Double = 1000) throws {
            let file = FileManager.default
            let other = path + ".new"
            try Data(text.utf8).write(to: URL(fileURLWithPath: other))
            try file.setAttributes([.modificationDate: Date(timeIntervalSince1970: modified)], ofItemAtPath: other)
            #expect(rename(other, path) == 0)
        }

        @discardableResult
        func ask(size: Int = 100) throws -> Footer {
            let reader = try FileReader(path: path)
            return try cache.footer(of: reader, byteCount: 5) {
                parsed += 1
                return (Footer(), size)
            }
        }
    }

    @Test func unchangedFiles() throws {
        let file = try Asked()
        let first = try file.ask()
        #expect(try file.ask() === first && file.parsed == 1)
        // Another kind of footer is none.
        let reader = try FileReader(path: file.path)
        final class Other: Sendable {}
        let other = try file.cache.footer(of: reader, byteCount: 5) { (Other(), 10) }
        #expect(ObjectIdentifier(other) != ObjectIdentifier(first))
        // One that is longer than its reader takes it to be is not kept.
        _ = try file.cache.footer(of: reader, byteCount: 4) { (Footer(), 10) }
    }

    @Test func changedFiles() throws {
        let file = try Asked()
        let first = try file.ask()
        // Of the same size: rewritten, and replaced with the same time.
        try file.write("again", modified: 1001)
        let second = try file.ask()
        #expect(second !== first && file.parsed == 2)
        try file.replace(by: "third", modified: 1001)
        #expect(try file.ask() !== second && file.parsed == 3)
        _ = try file.ask()
        #expect(file.parsed == 3)
    }

    /// A file system's clock could stand still between the change and the reading of the file.
    @Test func filesThatWereJustChanged() throws {
        let file = try Asked(now: 1_000_020_000_000)
        try file.ask()
        try file.ask()
        #expect(file.parsed == 2)
    }

    @Test func bounds() throws {
        let file = try Asked(limit: 4000)
        for number in 0..<100 {
            try file.replace(by: "other", modified: Double(number))
            try file.ask(size: number % 10 == 0 ? 5000 : 300)
            #expect(file.cache.byteCount <= 4000)
        }
        #expect(file.parsed == 100 && file.cache.byteCount > 0)
        let files = try (0..<30).map { _ in try Asked(limit: 1) }
        let cache = FooterCache(limit: 8000, now: { .max / 2 })
        var parsed = 0
        func ask(_ file: Asked) throws {
            _ = try cache.footer(of: FileReader(path: file.path), byteCount: 5) {
                parsed += 1
                return (Footer(), 300)
            }
            #expect(cache.byteCount <= 8000)
        }
        for other in files {
            try ask(files[0])
            try ask(other)
        }
        // The first one was always in use.
        #expect(parsed == 30)
    }

    /// What is read is what stands in the file now.
    @Test(arguments: ["parquet", "orc"])
    func readersSeeWhatIsThere(format: String) throws {
        let path = NSTemporaryDirectory() + "footer-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = format == "orc" ? ["groups.zlib", "empty.zlib", "numbers.snappy"] : ["fallback", "empty", "paged-v1"]
        func source(_ name: String) -> String { format == "orc" ? ORCFixtures.path(name) : ParquetFixtures.path(name) }
        func rows(_ path: String) throws -> Int {
            format == "orc" ? try ORCFile(path: path).rowCount : try ParquetFile(path: path).rowCount
        }
        for round in 0..<12 {
            let name = names[round % 3]
            let data = try Data(contentsOf: URL(fileURLWithPath: source(name)))
            // In place and as another file, one after the other.
            try data.write(to: URL(fileURLWithPath: path), options: round % 2 == 0 ? [] : .atomic)
            #expect(try rows(path) == rows(source(name)))
            #expect(try rows(path) == rows(source(name)))
        }
    }
}
