#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The two ends of output: rows to standard output, everything else to standard error.
///
/// Nothing is buffered here, so what both ends say stays in order on a terminal. When standard output can't be written,
/// the program ends: quietly if the reader went away, as `| head` does, else with a message.
enum Console {
    /// Where rows go: standard output, or a file that the shell was told. The thread that runs statements alone changes it.
    nonisolated(unsafe) private static var output = STDOUT_FILENO

    /// Sends rows into a file, nil: to standard output again.
    /// - Returns: why the file cannot be written, if so.
    static func redirect(to path: String?) -> String? {
        var descriptor = STDOUT_FILENO
        if let path {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            if descriptor < 0 { return "Cannot write \(path): \(String(cString: strerror(errno)))" }
        }
        if output != STDOUT_FILENO { close(output) }
        output = descriptor
        return nil
    }

    /// Writes bytes to standard output.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let written = systemWrite(output, rest)
            if written > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            } else if written < 0, errno != EINTR {
                if output != STDOUT_FILENO {
                    error("Cannot write to the file of \\o: \(String(cString: strerror(errno))); rows come here again")
                    _ = redirect(to: nil)
                    return
                }
                if errno != EPIPE { error("Cannot write to standard output: \(String(cString: strerror(errno)))") }
                _exit(1)
            }
        }
    }

    /// A line to standard output.
    static func print(_ line: String = "") {
        var text = line + "\n"
        text.withUTF8(write)
    }

    /// Lines to standard output, in one piece.
    static func print(_ lines: [String]) {
        if !lines.isEmpty { print(lines.joined(separator: "\n")) }
    }

    /// A line to standard error.
    static func error(_ line: String) { status(line + "\n") }

    /// Text to standard error as it is.
    static func status(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = systemWrite(STDERR_FILENO, rest)
                if written < 0, errno != EINTR { return }
                if written > 0 { rest = UnsafeRawBufferPointer(rebasing: rest[written...]) }
            }
        }
    }

    static var outputIsTerminal: Bool { isatty(output) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Characters a line of the terminal holds; 80 when it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}

extension Double {
    /// With a fixed number of digits after the point.
    func formatted(decimals: Int) -> String { formatted("%.\(decimals)f") }

    /// As C's `printf` writes it.
    func formatted(_ format: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let length = withVaList([self]) { vsnprintf(start, buffer.count, format, $0) }
            guard length >= 0 else { return "" }
            return String(cString: start)
        }
    }
}
