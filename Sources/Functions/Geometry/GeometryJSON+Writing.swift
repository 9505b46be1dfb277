import Columnar

extension Geometry {
    /// Appends Esri's JSON.
    func appendEsriJSON(to buffer: ByteBuffer) {
        buffer.append("{")
        if form == .point {
            appendMember("x", coordinates.first?.x ?? .nan, to: buffer)
            buffer.append(",")
            appendMember("y", coordinates.first?.y ?? .nan, to: buffer)
            if let heights {
                buffer.append(",")
                appendMember("z", heights.first ?? .nan, to: buffer)
            }
            if let measures {
                buffer.append(",")
                appendMember("m", measures.first ?? .nan, to: buffer)
            }
        } else {
            if heights != nil { buffer.append("\"hasZ\":true,") }
            if measures != nil { buffer.append("\"hasM\":true,") }
            switch form {
            case .path:
                buffer.append("\"paths\":[")
                appendLists(starts.indices.map { Array(part($0)) }, to: buffer)
            case .area:
                buffer.append("\"rings\":[")
                appendLists(starts.indices.map { index in part(index).first.map { Array(part(index)) + [$0] } ?? [] }, to: buffer)
            case .point, .multiPoint:
                buffer.append("\"points\":[")
                appendPositions(coordinates.indices, to: buffer)
            }
            buffer.append("]")
        }
        appendReference(to: buffer)
        buffer.append("}")
    }

    private func appendReference(to buffer: ByteBuffer) {
        guard reference != 0 else { return }
        buffer.append(",\"spatialReference\":{\"wkid\":")
        let renumbered = [GeometryJSONReader.webMercator, GeometryJSONReader.formerMercator].first {
            [$0.old, $0.current].contains(reference)
        }
        buffer.append(String(renumbered?.old ?? reference))
        if let renumbered {
            buffer.append(",\"latestWkid\":")
            buffer.append(String(renumbered.current))
        }
        buffer.append("}")
    }

    private func appendMember(_ name: StaticString, _ value: Double, to buffer: ByteBuffer) {
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":")
        append(json: value, to: buffer)
    }

    /// What is no number is null in JSON.
    private func append(json value: Double, to buffer: ByteBuffer) {
        if value.isFinite { buffer.append(coordinate: value) } else { buffer.append("null") }
    }

    private func appendPositions(_ places: some Sequence<Int>, to buffer: ByteBuffer) {
        var isFirst = true
        for place in places {
            if !isFirst { buffer.append(",") }
            isFirst = false
            appendPosition(place, to: buffer)
        }
    }

    private func appendPosition(_ place: Int, to buffer: ByteBuffer) {
        buffer.append("[")
        append(json: coordinates[place].x, to: buffer)
        buffer.append(",")
        append(json: coordinates[place].y, to: buffer)
        for values in [heights, measures] {
            guard let values else { continue }
            buffer.append(",")
            append(json: values[place], to: buffer)
        }
        buffer.append("]")
    }

    private func appendLists(_ lists: [[Int]], to buffer: ByteBuffer) {
        for (number, places) in lists.enumerated() {
            buffer.append(number > 0 ? ",[" : "[")
            appendPositions(places, to: buffer)
            buffer.append("]")
        }
    }

    /// Appends GeoJSON; false when it has measures and no heights, which GeoJSON has no place for.
    func appendGeoJSON(to buffer: ByteBuffer) -> Bool {
        if measures != nil, heights == nil { return false }
        let type = writtenType
        buffer.append("{\"type\":\"")
        buffer.append(type.word)
        buffer.append("\",\"coordinates\":")
        switch type {
        case .point:
            if coordinates.isEmpty { buffer.append("[]") } else { appendPosition(0, to: buffer) }
        case .multiPoint, .lineString:
            buffer.append("[")
            appendPositions(coordinates.indices, to: buffer)
            buffer.append("]")
        case .multiLineString:
            buffer.append("[")
            appendLists(starts.indices.map { Array(part($0)) }, to: buffer)
            buffer.append("]")
        case .polygon:
            buffer.append("[")
            appendLists(starts.indices.map { closedForText($0) }, to: buffer)
            buffer.append("]")
        case .multiPolygon, .unknown:
            buffer.append("[")
            for (number, polygon) in polygons.enumerated() {
                buffer.append(number > 0 ? ",[" : "[")
                appendLists(polygon.map { closedForText($0) }, to: buffer)
                buffer.append("]")
            }
            buffer.append("]")
        }
        guard reference != 0 else {
            buffer.append(",\"crs\":null}")
            return true
        }
        let known = [GeometryJSONReader.webMercator, GeometryJSONReader.formerMercator].first { $0.old == reference }?.current ?? reference
        // Numbers up to this are those of the petroleum industry's list, larger ones Esri's own.
        buffer.append(",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"")
        buffer.append(known <= 32767 ? "EPSG:" : "ESRI:")
        buffer.append(String(known))
        buffer.append("\"}}}")
        return true
    }
}
