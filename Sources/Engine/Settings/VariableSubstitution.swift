import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// `${hiveconf:x}`, `${hivevar:x}`, `${x}`, `${env:X}`, `${system:x}` in a statement's text.
///
/// What a value brings in is looked at again, up to a depth; what is not known stays as it is.
struct VariableSubstitution {
    let lookup: (String) -> String?
    /// `hive.variable.substitute.depth`
    let depth: Int

    /// - Throws: `HiveError` when values keep bringing in more than `depth` times.
    func apply(_ text: String) throws -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var bytes = Array(text.utf8)
        for _ in 0...depth {
            guard let next = replacedOnce(bytes) else { return String(decoding: bytes, as: UTF8.self) }
            bytes = next
            // Values that contain themselves grow without end.
            if bytes.count > 64 << 20 { break }
        }
        throw HiveError(message: "Variable substitution depth too large: \(depth) in expression \(text)")
    }

    /// nil when nothing was replaced.
    private func replacedOnce(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var isChanged = false
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{") {
                var end = index + 2
                while end < bytes.count, bytes[end] != UInt8(ascii: "}"), bytes[end] != UInt8(ascii: "$"),
                    bytes[end] != UInt8(ascii: " ")
                { end += 1 }
                if end < bytes.count, bytes[end] == UInt8(ascii: "}"), end > index + 2,
                    let value = lookup(String(decoding: bytes[(index + 2)..<end], as: UTF8.self))
                {
                    result.append(contentsOf: value.utf8)
                    isChanged = true
                    index = end + 1
                    continue
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return isChanged ? result : nil
    }
}

/// Java's system properties that scripts use, as this machine has them.
enum SystemProperties {
    static func value(_ name: String) -> String? {
        switch name {
        case "user.name": userName
        case "user.home": environmentVariable("HOME") ?? "/"
        case "user.dir": LocalFiles.absolute(".")
        case "java.io.tmpdir": TemporaryFolder.path
        case "user.timezone": timeZone
        case "file.separator": "/"
        case "path.separator": ":"
        case "line.separator": "\n"
        case "file.encoding": "UTF-8"
        #if os(Linux)
        case "os.name": "Linux"
        #else
        case "os.name": "Mac OS X"
        #endif
        default: nil
        }
    }

    static let names = [
        "file.encoding", "file.separator", "java.io.tmpdir", "os.name", "path.separator", "user.dir", "user.home",
        "user.name", "user.timezone",
    ]

    /// The machine's time zone: `TZ`, or where `/etc/localtime` leads.
    private static let timeZone: String = {
        if let zone = environmentVariable("TZ"), !zone.isEmpty { return zone.hasPrefix(":") ? String(zone.dropFirst()) : zone }
        var buffer = [CChar](repeating: 0, count: 1024)
        let count = readlink("/etc/localtime", &buffer, buffer.count - 1)
        guard count > 0 else { return "UTC" }
        let target = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = target.split(separator: "/")
        guard let folder = parts.lastIndex(of: "zoneinfo"), folder + 1 < parts.count else { return "UTC" }
        let name = parts[(folder + 1)...].map(String.init).joined(separator: "/")
        return ["Etc/UTC", "UCT", "Universal", "Zulu"].contains(name) ? "UTC" : name
    }()

    static let userName: String = {
        if let record = getpwuid(getuid()), let name = record.pointee.pw_name { return String(cString: name) }
        return environmentVariable("USER") ?? "hive"
    }()
}
