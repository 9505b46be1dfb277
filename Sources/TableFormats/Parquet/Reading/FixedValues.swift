import Columnar

/// Values of one width: numbers, dates, timestamps, booleans.
///
/// Methods of a generic class that are called through a protocol are compiled once for all types, and copy each element by a
/// call. The loops are closures, made where the type is known.
final class FixedValues<Conversion: FixedConversion>: LeafValues {
    private let conversion: Conversion
    private let memory: ParquetMemory
    private var slots: LeafSlots<Conversion.Target>
    private var source: FixedSource
    private var dictionary: UnsafeMutablePointer<Conversion.Target>
    private var dictionaryCount = 0
    /// Of a page of codes.
    private var codes: HybridDecoder?
    /// Whether every code that the page can hold is one of the dictionary.
    private var isSafe = false
    private var codeBuffer = CodeBuffer()
    private let readRows: (FixedValues, Int, Int) throws -> Void
    private let fillDictionary: (FixedValues, Int) throws -> Void
    private let spreadRows: (UnsafeMutablePointer<Conversion.Target>, UnsafePointer<UInt8>, UInt8, Int, Int) -> Void

    init(_ leaf: ParquetLeaf, _ conversion: Conversion, memory: ParquetMemory) {
        self.conversion = conversion
        readRows = { try $0.readEach($1, at: $2) }
        fillDictionary = { try $0.convert($1, into: $0.dictionary) }
        spreadRows = { spreadElements($0, $1, maximum: $2, present: $3, count: $4, placeholder: Conversion.Target.placeholder) }
        self.memory = memory
        slots = LeafSlots(type: leaf.type)
        source = FixedSource(leaf.physical, width: conversion.width)
        dictionary = .allocate(capacity: 1)
    }

    deinit {
        slots.deallocate()
        source.deallocate()
        dictionary.deallocate()
        codeBuffer.deallocate()
        memory.shrink(by: dictionaryCount * MemoryLayout<Conversion.Target>.stride)
    }

    func begin(capacity: Int, isExact: Bool) { slots.begin(capacity: capacity, isExact: isExact) }

    func reserve(_ count: Int) { slots.reserve(count) }

    func setDictionary(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        let stride = MemoryLayout<Conversion.Target>.stride
        guard count <= bytes.count * 8 / max(conversion.width, 1) else {
            throw CorruptParquet("a dictionary of \(count) values in \(bytes.count) bytes")
        }
        try memory.grow(by: (count - dictionaryCount) * stride)
        dictionary.deallocate()
        dictionaryCount = count
        dictionary = .allocate(capacity: max(count, 1))
        try source.begin(bytes, count: count, encoding: .plain, page: page, memory: memory)
        try fillDictionary(self, count)
    }

    func beginPage(
        _ page: PageBuffer, _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding
    ) throws {
        if let codes = try CodeBuffer.decoder(bytes, count: count, encoding: encoding) {
            self.codes = codes.decoder
            isSafe = codes.bitWidth < 32 && 1 << codes.bitWidth <= dictionaryCount
        } else {
            codes = nil
            try source.begin(bytes, count: count, encoding: encoding, page: page, memory: memory)
        }
    }

    func read(_ count: Int, at slot: Int) throws { try readRows(self, count, slot) }

    @inline(__always)
    private func readEach(_ count: Int, at slot: Int) throws {
        guard count > 0 else { return }
        let target = slots.elements + slot
        guard codes != nil else { return try convert(count, into: target) }
        if let code = try codes?.takeRun(count) {
            guard code < dictionaryCount else { throw CodeBuffer.outside(Int(code), dictionaryCount) }
            target.update(repeating: dictionary[Int(code)], count: count)
            return
        }
        let codes = codeBuffer.room(count)
        try self.codes?.decode(into: codes, count: count)
        if !isSafe { try CodeBuffer.check(codes, count, dictionaryCount) }
        let dictionary = dictionary
        for index in 0..<count { target[index] = dictionary[Int(codes[index])] }
    }

    @inline(__always)
    private func convert(_ count: Int, into target: UnsafeMutablePointer<Conversion.Target>) throws {
        let bytes = try source.take(count)
        let conversion = conversion
        let width = conversion.width
        if Conversion.isCopy {
            UnsafeMutableRawPointer(target).copyMemory(from: bytes, byteCount: count * width)
            return
        }
        for index in 0..<count { target[index] = conversion.convert(bytes + index &* width) }
        guard conversion.holds(target, count) else { throw CorruptParquet("a value has more than 38 digits") }
    }

    func skip(_ count: Int) throws {
        if codes != nil { try codes?.skip(count) } else { _ = try source.take(count) }
    }

    func spread(_ levels: UnsafePointer<UInt8>, maximum: UInt8, present: Int, at slot: Int, count: Int) {
        spreadRows(slots.elements + slot, levels, maximum, present, count)
    }

    func finish(_ count: Int, validity: ValidityBitmap?) -> Column {
        let column = slots.finish(count)
        column.setValidity(validity)
        return column
    }
}
