import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that does nothing but hold some space, so that a full disk can still be made room on: what removes files has to
/// write that down first.
struct SpaceReserve {
    private static let byteCount = 256 << 10
    private let path: String

    /// - Parameter folder: that of the warehouse's locks.
    init(folder: String) { path = "\(folder)/reserve" }

    /// Makes the file where it is missing and there is room for it.
    func keep() {
        guard !LocalFiles.exists(path), LocalFiles.isFolder(LocalFiles.parent(of: path)) else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { return }
        defer { close(file) }
        // Written, so that the file has blocks of its own.
        let written = [UInt8](repeating: 0, count: Self.byteCount).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        if written != Self.byteCount { unlink(path) }
    }

    /// Gives the space up. Returns false when there was none.
    func release() -> Bool { unlink(path) == 0 }
}
