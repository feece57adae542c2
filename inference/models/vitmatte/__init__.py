"""ViTMatte, a public matting network: a trimap → the coverage of its unknown band."""
