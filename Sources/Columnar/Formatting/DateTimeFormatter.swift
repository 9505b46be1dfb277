/// Dates, timestamps and intervals in Hive's own forms.
package enum DateTimeFormatter {
    /// `yyyy-MM-dd`.
    @inline(__always)
    package static func append(day: Int32, to buffer: ByteBuffer) {
        let date = CivilDate.components(ofDay: day)
        if date.year >= 0, date.year <= 9999 {
            let place = buffer.reserve(10)
            pair(date.year / 100, place)
            pair(date.year % 100, place + 2)
            place[4] = 0x2D
            pair(date.month, place + 5)
            place[7] = 0x2D
            pair(date.day, place + 8)
            buffer.advance(10)
        } else {
            NumberFormatter.append(date.year, width: 4, to: buffer)
            buffer.append(0x2D)
            NumberFormatter.append(date.month, width: 2, to: buffer)
            buffer.append(0x2D)
            NumberFormatter.append(date.day, width: 2, to: buffer)
        }
    }

    /// `yyyy-MM-dd HH:mm:ss`, then the fraction without zeros at its end, if there is one.
    @inline(__always)
    package static func append(_ timestamp: Timestamp, to buffer: ByteBuffer) {
        let (day, second) = CivilDate.split(timestamp.seconds)
        append(day: day, to: buffer)
        let place = buffer.reserve(9)
        place[0] = 0x20
        pair(second / 3600, place + 1)
        place[3] = 0x3A
        pair(second / 60 % 60, place + 4)
        place[6] = 0x3A
        pair(second % 60, place + 7)
        buffer.advance(9)
        if timestamp.nanoseconds != 0 { append(fraction: timestamp.nanoseconds, to: buffer) }
    }

    private static func append(fraction nanoseconds: Int32, to buffer: ByteBuffer) {
        var digits = Int(nanoseconds)
        var width = 9
        while width > 1, digits % 10 == 0 {
            digits /= 10
            width -= 1
        }
        buffer.append(0x2E)
        NumberFormatter.append(digits, width: width, to: buffer)
    }

    /// `years-months`, with one sign in front.
    package static func append(months: Int32, to buffer: ByteBuffer) {
        if months < 0 { buffer.append(0x2D) }
        NumberFormatter.append(Int64(months.magnitude / 12), to: buffer)
        buffer.append(0x2D)
        NumberFormatter.append(Int64(months.magnitude % 12), to: buffer)
    }

    /// `days hours:minutes:seconds.nanoseconds`, with one sign in front.
    package static func append(interval: Timestamp, to buffer: ByteBuffer) {
        var value = interval
        if value.seconds < 0 {
            buffer.append(0x2D)
            value = TemporalArithmetic.negated(value)
        }
        let seconds = value.seconds.magnitude
        NumberFormatter.append(Int64(truncatingIfNeeded: seconds / 86_400), to: buffer)
        let rest = Int(truncatingIfNeeded: seconds % 86_400)
        buffer.append(0x20)
        NumberFormatter.append(rest / 3600, width: 2, to: buffer)
        buffer.append(0x3A)
        NumberFormatter.append(rest / 60 % 60, width: 2, to: buffer)
        buffer.append(0x3A)
        NumberFormatter.append(rest % 60, width: 2, to: buffer)
        buffer.append(0x2E)
        NumberFormatter.append(Int(value.nanoseconds), width: 9, to: buffer)
    }

    @inline(__always)
    private static func pair(_ value: Int, _ place: UnsafeMutablePointer<UInt8>) {
        place[0] = 0x30 &+ UInt8(truncatingIfNeeded: value / 10)
        place[1] = 0x30 &+ UInt8(truncatingIfNeeded: value % 10)
    }
}
