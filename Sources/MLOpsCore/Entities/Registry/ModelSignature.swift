/// The inputs, outputs and parameters of a model version, with their types.
///
/// ``ModelVersion/modelSchema`` keeps it, as ``json``. Inputs and outputs are named columns or
/// tensors; `check` holds what is given against them.
public struct ModelSignature: Sendable, Hashable {
    /// What goes in.
    public var inputs: Side
    /// What comes out; `nil` when the model does not say.
    public var outputs: Side?
    /// What a call may set besides its inputs.
    public var params: [Parameter]

    /// Makes a signature.
    public init(inputs: Side, outputs: Side? = nil, params: [Parameter] = []) {
        self.inputs = inputs
        self.outputs = outputs
        self.params = params
    }

    /// One side of a signature.
    public enum Side: Sendable, Hashable {
        /// Rows of values.
        case columns([ColumnSpec])
        /// Arrays of one type of element.
        case tensors([Tensor])
    }

    /// A value of each row.
    public struct ColumnSpec: Sendable, Hashable {
        /// The name; `nil` for a single column without one, whose rows are bare values.
        public var name: String?
        /// The type of its values.
        public var type: ValueType
        /// Whether each row has a value.
        public var isRequired: Bool

        /// Describes a column.
        public init(_ name: String?, _ type: ValueType, isRequired: Bool = true) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
        }
    }

    /// An array.
    public struct Tensor: Sendable, Hashable {
        /// The name; `nil` for a single tensor without one.
        public var name: String?
        /// The type of its elements.
        public var element: ElementType
        /// The size of each dimension; `nil` is any size.
        public var shape: [Int?]

        /// Describes an array with a name; a negative size is any size, as in MLflow.
        public init(_ name: String, _ element: ElementType, shape: [Int?]) {
            self.init(element, shape: shape)
            self.name = name
        }

        /// Describes a single array; a negative size is any size, as in MLflow.
        public init(_ element: ElementType, shape: [Int?]) {
            self.element = element
            self.shape = shape.map { size in size.flatMap { $0 < 0 ? nil : $0 } }
        }
    }

    /// Something that a call may set, such as a temperature.
    public struct Parameter: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The type of the value, or of its elements.
        public var type: ValueType
        /// The value of a call that does not set it.
        public var defaultValue: JSONValue
        /// The size of a list, where `nil` is any size; no shape at all is a single value.
        public var shape: [Int?]?

        /// Describes a parameter.
        public init(
            _ name: String, _ type: ValueType, default defaultValue: JSONValue = .null,
            shape: [Int?]? = nil
        ) {
            self.name = name
            self.type = type
            self.defaultValue = defaultValue
            self.shape = shape?.map { size in size.flatMap { $0 < 0 ? nil : $0 } }
        }
    }

    /// The type of a value in a column, by MLflow's names.
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        /// True or false.
        case boolean
        /// A whole number of 32 bits.
        case integer
        /// A whole number of 64 bits.
        case long
        /// A number that a 32-bit float has room for.
        case float
        /// A number.
        case double
        /// A text.
        case string
        /// Bytes, as base64 text.
        case binary
        /// A time, as ISO 8601 text.
        case datetime
        /// Anything.
        case any
    }

    /// The type of the elements of a tensor, by NumPy's names.
    ///
    /// Open: any other name that NumPy knows may be wrapped.
    public struct ElementType: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral {
        /// The name.
        public let rawValue: String
        /// Wraps a name.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Wraps a name.
        public init(stringLiteral value: String) { rawValue = value }

        /// Floats of 16 bits.
        public static let float16: Self = "float16"
        /// Floats of 32 bits.
        public static let float32: Self = "float32"
        /// Floats of 64 bits.
        public static let float64: Self = "float64"
        /// Bytes.
        public static let uint8: Self = "uint8"
        /// Whole numbers of 32 bits.
        public static let int32: Self = "int32"
        /// Whole numbers of 64 bits.
        public static let int64: Self = "int64"
        /// True or false.
        public static let bool: Self = "bool"
    }
}

extension ModelVersion {
    /// What ``modelSchema`` says of inputs and outputs; `nil` when it says nothing.
    ///
    /// - Throws: `.corrupt` for a schema in another form.
    public func signature() throws -> ModelSignature? {
        modelSchema == [:] ? nil : try ModelSignature(json: modelSchema)
    }
}
