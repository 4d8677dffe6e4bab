"""Models as ONNX graphs; needs torch and onnxscript."""
