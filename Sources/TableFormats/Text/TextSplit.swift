/// A morsel of a text file: the lines that begin in `range`.
package struct TextSplit: FileSplit {
    package var file: ScanFile
    /// Bytes of the file in which the split's lines begin; of a compressed file those in which the members begin that
    /// hold the beginnings.
    package var range: Range<Int>
    /// Where the rows end: the last line ends here. Behind it lie the file's footer or its end.
    package var dataEnd: Int
    package var compression: TextCompression
    /// Lines to leave out at the beginning and at the end. Only a compressed file's: the range of others leaves them out.
    package var skipHeaderLines: Int
    package var skipFooterLines: Int

    package var path: String { file.path }
    /// Bytes that reading the split takes, for progress.
    package var byteCount: Int { range.count }
}

/// Cuts files into splits.
package enum TextSplitter {
    /// Bytes a split has at most. Small enough that the last worker's last split is short, large enough that opening
    /// and lining up cost nothing.
    package static let defaultSplitBytes = 4 << 20

    /// The splits of `files` in order. Opens only files whose header or footer has to be found.
    /// A compressed file is one split, unless its codec has members at which to cut it.
    /// - Throws: `TableFormatError` when a file cannot be read or has a codec that is not supported.
    package static func splits(
        of files: [ScanFile], format: TextFormat, splitBytes: Int = defaultSplitBytes
    ) throws -> [TextSplit] {
        var splits: [TextSplit] = []
        for file in files where file.byteCount > 0 {
            let compression = try TextCompression(path: file.path)
            guard compression == .none else {
                // Which lines are the header and the footer is known to who reads the whole file.
                let ends =
                    format.skipHeaderLines > 0 || format.skipFooterLines > 0
                    ? [file.byteCount]
                    : try compression.splitEnds(try file.open(), byteCount: file.byteCount, splitBytes: splitBytes)
                var start = 0
                for end in ends {
                    splits.append(
                        TextSplit(
                            file: file, range: start..<end, dataEnd: file.byteCount, compression: compression,
                            skipHeaderLines: format.skipHeaderLines, skipFooterLines: format.skipFooterLines))
                    start = end
                }
                continue
            }
            var start = 0
            var end = file.byteCount
            if format.skipHeaderLines > 0 || format.skipFooterLines > 0 {
                let reader = try file.open()
                start = try offset(afterLines: format.skipHeaderLines, of: reader, byteCount: file.byteCount)
                end = try offset(beforeLastLines: format.skipFooterLines, of: reader, byteCount: file.byteCount)
            }
            let step = max(splitBytes, 1)
            while start < end {
                // A short rest joins the split before it.
                let stop = end - start <= step + step / 4 ? end : start + step
                splits.append(
                    TextSplit(
                        file: file, range: start..<stop, dataEnd: end, compression: .none, skipHeaderLines: 0,
                        skipFooterLines: 0))
                start = stop
            }
        }
        return splits
    }

    /// A split for each file, whose header and footer its reader leaves out.
    static func wholeFiles(_ files: [ScanFile], format: TextFormat) throws -> [TextSplit] {
        try files.filter { $0.byteCount > 0 }.map { file in
            TextSplit(
                file: file, range: 0..<file.byteCount, dataEnd: file.byteCount, compression: try TextCompression(path: file.path),
                skipHeaderLines: format.skipHeaderLines, skipFooterLines: format.skipFooterLines)
        }
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Where the line behind the first `lines` lines begins.
    static func offset(afterLines lines: Int, of file: FileReader, byteCount: Int) throws -> Int {
        guard lines > 0 else { return 0 }
        var left = lines
        var previous: UInt8 = 0
        var offset = 0
        var block = [UInt8](repeating: 0, count: 16 << 10)
        while offset < byteCount {
            let size = min(block.count, byteCount - offset)
            let got = try block.withUnsafeMutableBufferPointer { target in
                try target.baseAddress.map { try file.read(into: $0, count: size, at: offset) } ?? 0
            }
            if got == 0 { return offset }
            for at in 0..<got {
                let byte = block[at]
                // A line ends behind `\n`, or behind a `\r` that no `\n` follows.
                if previous == carriageReturn, byte != lineFeed {
                    left -= 1
                    if left == 0 { return offset + at }
                }
                if byte == lineFeed {
                    left -= 1
                    if left == 0 { return offset + at + 1 }
                }
                previous = byte
            }
            offset += got
        }
        return byteCount
    }

    /// Where the last `lines` lines begin.
    static func offset(beforeLastLines lines: Int, of file: FileReader, byteCount: Int) throws -> Int {
        guard lines > 0 else { return byteCount }
        var left = lines
        var end = byteCount
        var next: UInt8 = 0
        var block = [UInt8](repeating: 0, count: 16 << 10)
        while end > 0 {
            let size = min(block.count, end)
            let start = end - size
            let got = try block.withUnsafeMutableBufferPointer { target in
                try target.baseAddress.map { try file.read(into: $0, count: size, at: start) } ?? 0
            }
            guard got == size else {
                throw TableFormatError("the file became shorter while it was read", path: file.path, offset: start + got)
            }
            for at in stride(from: size - 1, through: 0, by: -1) {
                let byte = block[at]
                let endsLine = byte == lineFeed || (byte == carriageReturn && next != lineFeed)
                // The end of the last line itself does not count.
                if endsLine, start + at + 1 < byteCount {
                    left -= 1
                    if left == 0 { return start + at + 1 }
                }
                next = byte
            }
            end = start
        }
        return 0
    }
}
