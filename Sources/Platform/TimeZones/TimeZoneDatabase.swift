#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of compiled time zones that the system keeps.
package struct TimeZoneDatabase: Sendable {
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// No folder of time zones is there.
        case missing(searched: [String])
        case invalid(path: String, reason: String)

        package var description: String {
            switch self {
            case .missing(let searched):
                "The system has no time zones (looked for \(searched.joined(separator: ", "))): install the package tzdata"
            case .invalid(let path, let reason): "The time zone in \(path) cannot be read: \(reason)"
            }
        }
    }

    /// In the order in which they are tried.
    private let folders: [String]

    package init(folders: [String]) { self.folders = folders }

    /// Where `TZDIR` says, else where systems have it.
    package static let system: TimeZoneDatabase = {
        if let folder = environmentVariable("TZDIR"), !folder.isEmpty {
            return TimeZoneDatabase(folders: [folder])
        }
        return TimeZoneDatabase(folders: [
            "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
            "/var/db/timezone/zoneinfo",
        ])
    }()

    /// The zone of a name (`Europe/Berlin`), nil when there is none of that name.
    /// - Throws: `Failure` when there are no zones at all, or the zone's file is damaged.
    package func zone(named name: String) throws(Failure) -> TimeZoneFile? {
        guard Self.isName(name) else { return nil }
        var hasFolder = false
        for folder in folders {
            let path = folder + "/" + name
            do {
                return try TimeZoneFile(try RegularFile.contents(of: path))
            } catch let error as TimeZoneFile.Invalid {
                throw .invalid(path: path, reason: error.reason)
            } catch let error as FileError where error.code != 0 && !error.isAbsent {
                throw .invalid(path: path, reason: error.reason)
            } catch {
                // No such file, or a folder of zones.
                if access(folder, X_OK) == 0 { hasFolder = true }
            }
        }
        guard hasFolder else { throw .missing(searched: folders) }
        return nil
    }

    /// Parts of letters, digits, `_`, `+`, `-`, each with a capital first: what names of zones are made of, and nothing
    /// that leads out of the folder or to the tables that stand beside the zones.
    static func isName(_ name: String) -> Bool {
        name.utf8.count <= 128
            && name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.first, (0x41...0x5A).contains(first) else { return false }
                return part.allSatisfy { byte in
                    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2B
                        || byte == 0x2D
                }
            }
    }
}
