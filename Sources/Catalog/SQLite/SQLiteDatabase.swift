import CSQLite

/// What SQLite said when it refused something.
package struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The primary result code, `SQLITE_BUSY` and so on.
    package let code: Int32
    package let message: String

    package var isBusy: Bool { code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED }
    package var description: String { message }
}

/// A value bound to a statement's parameter.
package enum SQLiteValue: Sendable {
    case null
    case integer(Int64)
    case text(String)

    package static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
}

/// One connection to a database file, with its prepared statements.
///
/// Not synchronized: one thread at a time, which the owner sees to.
package final class SQLiteDatabase: @unchecked Sendable {
    // Unchecked: its owner lets one thread at a time in.
    private let handle: OpaquePointer
    private let busyTimeoutMilliseconds: Int32
    private var prepared: [String: SQLiteStatement] = [:]

    package enum Access: Sendable {
        /// The file is made when it is missing.
        case readWrite
        case readOnly
        /// Reads without locks a file that nobody writes meanwhile, also where SQLite could not keep its log beside it.
        case immutable
    }

    /// Opens or creates the file.
    /// - Throws: `SQLiteError` when it cannot be opened or is no database.
    package init(path: String, access: Access = .readWrite, busyTimeoutMilliseconds: Int32 = 60_000) throws {
        var opened: OpaquePointer?
        let flags =
            access == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let isURI = access == .immutable
        let code = sqlite3_open_v2(
            isURI ? Self.immutableURI(path) : path, &opened, flags | SQLITE_OPEN_NOMUTEX | (isURI ? SQLITE_OPEN_URI : 0), nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close(opened)
            throw SQLiteError(code: code, message: "\(message): \(path)")
        }
        handle = opened
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        sqlite3_busy_timeout(handle, busyTimeoutMilliseconds)
    }

    private static func immutableURI(_ path: String) -> String {
        var escaped = ""
        for byte in path.utf8 {
            let isPlain = byte < 0x80 && byte > 32 && !"%?#".utf8.contains(byte)
            escaped += isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
        return "file:\(escaped)?immutable=1"
    }

    deinit {
        prepared = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that have no parameters and whose rows do not matter.
    package func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Runs one statement with `values` for its `?`; its rows go to `row`.
    package func run(
        _ sql: String, _ values: [SQLiteValue] = [], row: (borrowing SQLiteRow) throws -> Void = { _ in }
    ) throws {
        let statement = try statement(sql)
        defer { statement.finish() }
        try statement.bind(values)
        while try statement.step() { try row(SQLiteRow(statement: statement)) }
    }

    /// The first column of the first row as an integer; nil without rows.
    package func integer(_ sql: String, _ values: [SQLiteValue] = []) throws -> Int64? {
        var result: Int64?
        try run(sql, values) { row in if result == nil { result = row.integer(0) } }
        return result
    }

    /// Moves what stands in the write-ahead log into the file, and empties the log where no other connection reads it.
    package func emptyLog() throws {
        // Who reads is not waited for.
        sqlite3_busy_timeout(handle, 0)
        defer { sqlite3_busy_timeout(handle, busyTimeoutMilliseconds) }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw error(code) }
    }

    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
    /// Rows that the latest INSERT, UPDATE or DELETE changed.
    package var changeCount: Int { Int(sqlite3_changes(handle)) }

    /// The prepared form of `sql`: kept for the next time, unless it is running right now.
    private func statement(_ sql: String) throws -> SQLiteStatement {
        if let known = prepared[sql], !known.isRunning {
            known.isRunning = true
            return known
        }
        var compiled: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled else { throw error(code) }
        let statement = SQLiteStatement(compiled)
        statement.isRunning = true
        if prepared[sql] == nil { prepared[sql] = statement }
        return statement
    }

    private func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }
}

/// A compiled statement; finalized when it goes.
package final class SQLiteStatement {
    fileprivate let handle: OpaquePointer
    fileprivate var isRunning = false

    fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    fileprivate func bind(_ values: [SQLiteValue]) throws {
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            let code: Int32
            switch value {
            case .null: code = sqlite3_bind_null(handle, position)
            case .integer(let number): code = sqlite3_bind_int64(handle, position, number)
            case .text(let text):
                var text = text
                code = text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        // SQLite copies the bytes (SQLITE_TRANSIENT); an empty string still needs an address.
                        sqlite3_bind_text(
                            handle, position, $0.baseAddress ?? emptyText, Int32($0.count),
                            unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                    }
                }
            }
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// Goes to the next row; false when there is none.
    fileprivate func step() throws -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error(code)
        }
    }

    fileprivate func finish() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        isRunning = false
    }

    private func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }
}

nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.initialize(to: 0)
    return UnsafePointer(text)
}()

/// The row that a statement stands on.
package struct SQLiteRow: ~Copyable {
    fileprivate let statement: SQLiteStatement

    fileprivate init(statement: SQLiteStatement) { self.statement = statement }

    package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement.handle, Int32(column)) }

    package func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement.handle, Int32(column)) == SQLITE_NULL
    }

    /// nil for NULL.
    package func optionalText(_ column: Int) -> String? {
        guard let bytes = sqlite3_column_text(statement.handle, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(statement.handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    package func text(_ column: Int) -> String { optionalText(column) ?? "" }
}
