/** Field numbers that several readers and writers of ONNX files need: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export const MODEL_GRAPH = 7;
export const MODEL_OPSET = 8;
export const GRAPH_NODE = 1;
export const GRAPH_INITIALIZER = 5;
export const GRAPH_OUTPUT = 12;
export const NODE_OUTPUT = 2;
export const NODE_OPERATOR = 4;
export const NODE_ATTRIBUTE = 5;
export const ATTRIBUTE_TENSOR = 5;
export const TENSOR_NAME = 8;
export const TENSOR_RAW_DATA = 9;
