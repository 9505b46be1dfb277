import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What was typed, kept between shells in a file of the line editor's own form. Each entry is appended under a lock, so that shells that
/// are open at once keep what all of them were told.
struct ShellHistory {
    let path: String
    /// Entries that are kept when there get to be too many.
    let limit: Int

    /// Entries that there may be more, so that not each start writes the file anew.
    private var slack: Int { limit / 10 }

    // MARK: What is kept

    /// Whether an entry may be kept: none that begins with a space, as in other shells, and none that sets what is secret.
    static func keeps(_ entry: String) -> Bool {
        guard entry.first?.isWhitespace == false else { return false }
        return !entry.split(separator: ";").contains { setsSecret($0) }
    }

    private static let secretWords = ["password", "passwd", "passphrase", "secret", "token", "key", "credential"]

    /// Whether a statement, or psql's `\set`, gives a value to a setting that is called a secret. What was cut out of a text may
    /// be none: then one too many is not kept.
    private static func setsSecret(_ statement: some StringProtocol) -> Bool {
        var text = withoutComments(statement.lowercased()[...])
        if text.first == "\\" { text.removeFirst() }
        guard text.hasPrefix("set"), let space = text.dropFirst(3).first, space.isWhitespace else { return false }
        let rest = text.dropFirst(3).drop(while: \.isWhitespace)
        // psql separates name and value by a space.
        let name = rest.prefix { $0 != "=" && !$0.isWhitespace }
        return secretWords.contains { name.firstRange(of: $0) != nil } && name.count < rest.trimmed.count
    }

    private static func withoutComments(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while true {
            if text.hasPrefix("--") {
                text = text.drop { $0 != "\n" }
            } else if text.hasPrefix("/*") {
                guard let end = text.firstRange(of: "*/") else { return "" }
                text = text[end.upperBound...]
            } else {
                return text
            }
            text = text.drop(while: \.isWhitespace)
        }
    }

    // MARK: The file

    /// The first line of the line editor's files.
    private static let mark = Array("_HiStOrY_V2_\n".utf8)

    /// Whether there is something to be read: a named pipe would wait for its writer.
    var isFile: Bool { (try? FileStatus.of(path))?.kind == .file }

    /// Adds an entry. A history that cannot be kept, is a device, or another program's file is no reason to stop.
    func append(_ entry: String) {
        guard let file = lock() else { return }
        defer { unlock(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return }
        var bytes: [UInt8] = []
        if status.st_size == 0 {
            bytes = Self.mark
        } else {
            guard read(file, Self.mark.count, at: 0) == Self.mark else { return }
            // Of a shell that was killed while it wrote.
            if read(file, 1, at: Int(status.st_size) - 1) != [10] { bytes = [10] }
        }
        bytes += Self.line(entry)
        // At once, so that whoever reads without the lock sees whole entries. What a full disk cuts off is the next entry's to end.
        bytes.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
    }

    /// Forgets the oldest entries where there are many too many.
    func shorten() {
        guard let file = lock() else { return }
        defer { unlock(file) }
        guard let bytes = try? RegularFile.contents(of: path), bytes.starts(with: Self.mark) else { return }
        let lines = bytes.dropFirst(Self.mark.count).split(separator: 10)
        guard lines.count > limit + slack else { return }
        try? FileReplacement.write(Self.mark + lines.suffix(limit).flatMap { $0 + [10] }, to: path)
    }

    /// As the line editor writes entries, so that each is a line: what is no letter, digit or sign of ASCII by its number.
    private static func line(_ entry: String) -> [UInt8] {
        var line: [UInt8] = []
        for byte in entry.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") {
                line.append(byte)
            } else {
                line += [UInt8(ascii: "\\"), 0x30 + byte >> 6, 0x30 + byte >> 3 & 7, 0x30 + byte & 7]
            }
        }
        return line + [10]
    }

    /// The file, locked against other shells; nil where that cannot be had soon.
    private func lock() -> Int32? {
        for _ in 0..<100 {
            // A named pipe would wait for its reader.
            let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0o600)
            guard file >= 0 else { return nil }
            var status = stat()
            guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(file)
                return nil
            }
            var now = stat()
            // Another shell may have replaced the file meanwhile: then it is not this one that is locked.
            if flock(file, LOCK_EX | LOCK_NB) == 0, stat(path, &now) == 0, now.st_ino == status.st_ino, now.st_dev == status.st_dev {
                return file
            }
            close(file)
            usleep(10_000)
        }
        return nil
    }

    private func unlock(_ file: Int32) {
        flock(file, LOCK_UN)
        close(file)
    }

    private func read(_ file: Int32, _ count: Int, at offset: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = max(pread(file, buffer.baseAddress, count, off_t(offset)), 0)
        }
    }
}
