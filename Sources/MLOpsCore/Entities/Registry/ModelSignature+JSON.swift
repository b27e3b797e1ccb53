extension ModelSignature: JSONConvertible {
    /// The members `inputs`, and `outputs` and `params` if there are any.
    ///
    /// Each is a list in MLflow's form: `{"name": "age", "type": "long", "required": true}`, or
    /// `{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28]}}`.
    public var json: JSONValue {
        var members = ["inputs": inputs.json]
        members["outputs"] = outputs?.json
        if !params.isEmpty { members["params"] = params.json }
        return .object(members)
    }

    /// Reads the members; each may also be a text that holds the list, as MLflow writes it.
    ///
    /// - Throws: `.corrupt` for another form, and for MLflow's types `array`, `map`, `object` and
    ///   `sparse` tensors.
    public init(json: JSONValue) throws {
        guard let inputs = try Self.list(json["inputs"]) else {
            throw Self.unreadable("has no inputs")
        }
        self.inputs = try Side(json: .array(inputs))
        outputs = try Self.list(json["outputs"]).map { try Side(json: .array($0)) }
        params = try (Self.list(json["params"]) ?? []).map(Parameter.init(json:))
    }

    private static func list(_ json: JSONValue?) throws -> [JSONValue]? {
        switch json {
        case nil, .null: return nil
        case .array(let elements): return elements
        case .string(let text):
            if let parsed = try? JSONValue(parsing: text).array { return parsed }
            fallthrough
        default: throw unreadable("has a member that is not a list")
        }
    }

    fileprivate static func unreadable(_ problem: String) -> StoreError {
        StoreError(.corrupt, "A signature \(problem).", field: "model_schema")
    }

    fileprivate static func shape(_ json: [JSONValue]) throws -> [Int?] {
        try json.map { size in
            guard size != .null else { return nil }
            guard let size = size.int.flatMap({ Int(exactly: $0) }) else {
                throw unreadable("has a shape with a size that is no whole number")
            }
            return size < 0 ? nil : size
        }
    }
}

extension [Int?] {
    /// The sizes, with -1 for any size.
    fileprivate var sizes: JSONValue { .array(map { .int(Int64($0 ?? -1)) }) }
}

extension ModelSignature.Side: JSONConvertible {
    /// A list of columns or of tensors.
    public var json: JSONValue {
        switch self {
        case .columns(let columns): columns.json
        case .tensors(let tensors): tensors.json
        }
    }

    /// Reads a list whose elements are all columns, or all tensors.
    public init(json: JSONValue) throws {
        let elements = json.array ?? []
        let tensors = elements.filter { $0["type"] == "tensor" }
        switch tensors.count {
        case 0: self = .columns(try elements.map(ModelSignature.ColumnSpec.init(json:)))
        case elements.count:
            self = .tensors(try elements.map(ModelSignature.Tensor.init(json:)))
        default: throw ModelSignature.unreadable("mixes columns and tensors")
        }
        guard hasNames else {
            throw ModelSignature.unreadable("has several columns or tensors of one name, or none")
        }
    }

    /// Whether the names differ, and only a single one is left out.
    private var hasNames: Bool {
        let names =
            switch self {
            case .columns(let columns): columns.map(\.name)
            case .tensors(let tensors): tensors.map(\.name)
            }
        return Set(names).count == names.count && (names.count == 1 || !names.contains(nil))
    }
}

extension ModelSignature.ColumnSpec: JSONConvertible {
    /// The members `type` and `required`, and `name` if it has one.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(type.rawValue), "required": .bool(isRequired),
        ]
        members["name"] = name.map { .string($0) }
        return .object(members)
    }

    /// Reads the members; a column without `required` is required.
    public init(json: JSONValue) throws {
        self.init(
            json["name"]?.string, try ModelSignature.ValueType(in: json),
            isRequired: json["required"]?.bool ?? true)
    }
}

extension ModelSignature.Tensor: JSONConvertible {
    /// The members `type` and `tensor-spec`, and `name` if it has one.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": "tensor",
            "tensor-spec": ["dtype": .string(element.rawValue), "shape": shape.sizes],
        ]
        members["name"] = name.map { .string($0) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        guard let spec = json["tensor-spec"], let element = spec["dtype"]?.string,
            let shape = spec["shape"]?.array
        else { throw ModelSignature.unreadable("has a tensor without an element type or a shape") }
        self.init(
            ModelSignature.ElementType(rawValue: element), shape: try ModelSignature.shape(shape))
        name = json["name"]?.string
    }
}

extension ModelSignature.Parameter: JSONConvertible {
    /// The members `name`, `type`, `default` and `shape`.
    public var json: JSONValue {
        [
            "name": .string(name), "type": .string(type.rawValue), "default": defaultValue,
            "shape": shape?.sizes ?? .null,
        ]
    }

    /// Reads the members; the type may be called `dtype`, as in older signatures of MLflow.
    public init(json: JSONValue) throws {
        guard let name = json["name"]?.string else {
            throw ModelSignature.unreadable("has a parameter without a name")
        }
        self.init(
            name, try ModelSignature.ValueType(in: json), default: json["default"] ?? .null,
            shape: try json["shape"]?.array.map(ModelSignature.shape))
    }
}

extension ModelSignature.ValueType {
    fileprivate init(in json: JSONValue) throws {
        guard let name = (json["type"] ?? json["dtype"])?.string, let type = Self(rawValue: name)
        else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelSignature.unreadable("has a type that is not one of \(known)")
        }
        self = type
    }
}

extension ModelSignature: Codable {
    /// Decodes the form of ``json``.
    public init(from decoder: any Decoder) throws {
        try self.init(json: JSONValue(from: decoder))
    }

    /// Encodes ``json``.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
