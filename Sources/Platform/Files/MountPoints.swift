#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where file systems, or folders of one, are mounted: what stands there was put there by somebody else than whoever made
/// the folders around.
package struct MountPoints: Sendable {
    private let paths: Set<String>
    /// In the order of their bytes.
    private let sorted: [String]

    /// - Parameter paths: absolute, without links.
    package init(_ paths: some Sequence<String>) {
        self.paths = Set(paths)
        sorted = self.paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Those of this process. Nothing is asked of the file systems themselves, which may not answer; none where the
    /// system does not tell.
    package static func current() -> MountPoints {
        #if canImport(Darwin)
        var list: UnsafeMutablePointer<statfs>?
        let count = getmntinfo(&list, MNT_NOWAIT)
        guard count > 0, let list else { return MountPoints([]) }
        return MountPoints(
            (0..<Int(count)).map { index in
                withUnsafePointer(to: &list[index].f_mntonname) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: Int(MAXPATHLEN)) { String(cString: $0) }
                }
            })
        #else
        return MountPoints(Self.paths(ofTable: (try? FileContents.bytes(of: "/proc/self/mountinfo")) ?? []))
        #endif
    }

    /// The mount points that Linux's `mountinfo` lists: the fifth field of each line, with `\040` for a space.
    package static func paths(ofTable table: [UInt8]) -> [String] {
        table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            return fields.count > 4 ? String(decoding: unescaped(fields[4]), as: UTF8.self) : nil
        }
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
                result.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    package func contains(_ path: String) -> Bool { paths.contains(path) }

    /// One of those in the folder; nil when there is none.
    package func first(in folder: String) -> String? {
        let prefix = FolderListing.path(folder, "")
        let place = sorted.partitionPoint { !$0.utf8.lexicographicallyPrecedes(prefix.utf8) }
        return place < sorted.count && sorted[place].utf8.starts(with: prefix.utf8) ? sorted[place] : nil
    }
}
