"""geoalchemy2/_functions.py: the functions that are known by name, by the type of what they give."""

BY_TYPE = {
    "": """
        AddGeometryColumn DropGeometryColumn DropGeometryTable Populate_Geometry_Columns UpdateGeometrySRID
        ST_IsValidDetail ST_Box2dFromGeoHash ST_AsBinary ST_AsEWKB ST_AsGeobuf ST_AsMVT ST_AsSVG ST_AsTWKB ST_AsX3D
        ST_MinimumBoundingRadius Box2D Box3D ST_EstimatedExtent ST_Extent ST_3DExtent ST_MakeBox2D ST_3DMakeBox
        ST_MetaData ST_RasterToWorldCoord ST_WorldToRasterCoord ST_BandMetaData ST_PixelAsPolygons ST_PixelAsPoints
        ST_PixelAsCentroids ST_Neighborhood ST_DumpValues ST_PixelOfValue ST_Histogram ST_Quantile ST_SummaryStats
        ST_ValueCount ST_Distinct4ma ST_InvDistWeight4ma ST_Max4ma ST_Mean4ma ST_Min4ma ST_MinDist4ma ST_Range4ma
        ST_StdDev4ma ST_Sum4ma ST_DumpAsPolygons
    """,
    "Integer": """
        Find_SRID ST_CoordDim ST_Dimension ST_MemSize ST_NDims ST_NPoints ST_NRings ST_NumGeometries ST_NumInteriorRings
        ST_NumInteriorRing ST_NumPatches ST_NumPoints ST_Zmflag ST_SRID ST_LineCrossingDirection ST_ClusterDBSCAN
        ST_ClusterKMeans ST_Orientation CG_Orientation CheckAuth LockRow UnlockRows ST_Height ST_NumBands ST_Width
        ST_WorldToRasterCoordX ST_WorldToRasterCoordY ST_BandFileSize ST_BandFileTimestamp ST_MinPossibleValue ST_Count
        ST_CountAgg
    """,
    "Geometry": """
        ST_Collect ST_LineFromMultiPoint ST_MakeEnvelope ST_MakeLine ST_MakePoint ST_MakePointM ST_MakePolygon ST_Point
        ST_Polygon ST_TileEnvelope ST_Boundary ST_EndPoint ST_Envelope ST_BoundingDiagonal ST_ExteriorRing ST_GeometryN
        ST_InteriorRingN ST_PatchN ST_PointN ST_Points ST_StartPoint ST_AddPoint ST_CollectionExtract
        ST_CollectionHomogenize ST_Force2D ST_Force3D ST_Force3DZ ST_Force3DM ST_Force4D ST_ForcePolygonCCW
        ST_ForceCollection ST_ForcePolygonCW ST_ForceSFS ST_ForceRHR ST_ForceCurve ST_LineMerge ST_Multi ST_Normalize
        ST_QuantizeCoordinates ST_RemovePoint ST_Reverse ST_Segmentize ST_SetPoint ST_SnapToGrid ST_Snap
        ST_SwapOrdinates ST_SetSRID ST_Transform ST_BdPolyFromText ST_BdMPolyFromText ST_GeomCollFromText
        ST_GeomFromEWKT ST_GeometryFromText ST_GeomFromText ST_LineFromText ST_MLineFromText ST_MPointFromText
        ST_MPolyFromText ST_PointFromText ST_PolygonFromText ST_WKTToSQL ST_GeomFromEWKB ST_GeomFromWKB ST_LineFromWKB
        ST_LinestringFromWKB ST_PointFromWKB ST_WKBToSQL ST_GeomFromGeoHash ST_GeomFromGML ST_GeomFromGeoJSON
        ST_GeomFromKML ST_GeomFromTWKB ST_GMLToSQL ST_LineFromEncodedPolyline ST_PointFromGeoHash ST_AsMVTGeom
        ST_ClosestPoint ST_3DClosestPoint ST_LongestLine ST_3DLongestLine ST_MinimumClearanceLine ST_ShortestLine
        ST_3DShortestLine ST_Buffer ST_BuildArea ST_Centroid ST_ClipByBox2D ST_ConcaveHull ST_ConvexHull ST_CurveToLine
        ST_DelaunayTriangles ST_Difference ST_FlipCoordinates ST_GeneratePoints ST_GeometricMedian ST_Intersection
        ST_LineToCurve ST_MakeValid ST_MemUnion ST_MinimumBoundingCircle ST_OrientedEnvelope ST_Polygonize ST_Node
        ST_OffsetCurve ST_PointOnSurface ST_RemoveRepeatedPoints ST_SharedPaths ST_ShiftLongitude ST_WrapX ST_Simplify
        ST_SimplifyPreserveTopology ST_SimplifyVW ST_ChaikinSmoothing ST_FilterByM ST_SetEffectiveArea ST_Split
        ST_SymDifference ST_Subdivide ST_Union ST_UnaryUnion ST_VoronoiLines ST_VoronoiPolygons ST_Affine ST_Rotate
        ST_RotateX ST_RotateY ST_RotateZ ST_Scale ST_Translate ST_TransScale ST_ClusterIntersecting ST_ClusterWithin
        ST_Expand ST_LineInterpolatePoint ST_3DLineInterpolatePoint ST_LineInterpolatePoints ST_LineSubstring
        ST_LocateAlong ST_LocateBetween ST_LocateBetweenElevations ST_AddMeasure ST_Extrude ST_StraightSkeleton
        ST_ApproximateMedialAxis ST_ForceLHR ST_MinkowskiSum ST_ConstrainedDelaunayTriangles ST_3DIntersection
        ST_3DDifference ST_3DUnion ST_Tesselate ST_MakeSolid PostGIS_AddBBox PostGIS_DropBBox ST_PixelAsPolygon
        ST_PixelAsPoint ST_PixelAsCentroid ST_MinConvexHull
    """,
    "String": """
        GeometryType ST_GeometryType ST_Summary ST_IsValidReason ST_AsEWKT ST_AsText ST_AsHEXEWKB ST_AsEncodedPolyline
        ST_AsGML ST_AsKML ST_AsLatLonText ST_GeoHash postgis_sfcgal_version DisableLongTransactions
        EnableLongTransactions PostGIS_Extensions_Upgrade PostGIS_Full_Version PostGIS_GEOS_Version
        PostGIS_Liblwgeom_Version PostGIS_LibXML_Version PostGIS_Lib_Build_Date PostGIS_Lib_Version PostGIS_PROJ_Version
        PostGIS_Wagyu_Version PostGIS_Scripts_Build_Date PostGIS_Scripts_Installed PostGIS_Scripts_Released
        PostGIS_Version ST_GeoReference ST_BandPath ST_BandPixelType ST_NotSameAlignmentReason
    """,
    "GeometryDump": """
        ST_Dump ST_DumpPoints ST_DumpRings
    """,
    "Boolean": """
        ST_HasArc ST_IsPolygonCCW ST_IsPolygonCW ST_IsClosed ST_IsCollection ST_IsEmpty ST_IsRing ST_IsSimple ST_IsValid
        ST_3DIntersects ST_Contains ST_ContainsProperly ST_Covers ST_CoveredBy ST_Crosses ST_Disjoint ST_Equals
        ST_Intersects ST_OrderingEquals ST_Overlaps ST_PointInsideCircle ST_Relate ST_RelateMatch ST_Touches ST_Within
        ST_3DDWithin ST_3DDFullyWithin ST_DFullyWithin ST_DWithin ST_IsValidTrajectory ST_CPAWithin ST_IsPlanar
        ST_IsSolid CG_IsSolid AddAuth PostGIS_HasBBox ST_BandIsNoData ST_HasNoBand ST_SameAlignment
    """,
    "Float": """
        ST_M ST_X ST_Y ST_Z ST_Area ST_Azimuth ST_Angle ST_Distance ST_3DDistance ST_DistanceSphere ST_DistanceSpheroid
        ST_FrechetDistance ST_HausdorffDistance ST_Length ST_Length2D ST_3DLength ST_LengthSpheroid ST_MaxDistance
        ST_3DMaxDistance ST_MinimumClearance ST_Perimeter ST_Perimeter2D ST_3DPerimeter ST_XMax ST_XMin ST_YMax ST_YMin
        ST_ZMax ST_ZMin ST_LineLocatePoint ST_InterpolatePoint ST_ClosestPointOfApproach ST_DistanceCPA ST_3DArea
        CG_3DArea ST_Volume ST_ScaleX ST_ScaleY ST_RasterToWorldCoordX ST_RasterToWorldCoordY ST_Rotation ST_SkewX
        ST_SkewY ST_UpperLeftX ST_UpperLeftY ST_Distance_Sphere
    """,
    "Geography": """
        ST_GeogFromText ST_GeographyFromText ST_GeogFromWKB ST_Project
    """,
    "Raster": """
        ST_AddBand ST_AsRaster ST_Band ST_MakeEmptyCoverage ST_MakeEmptyRaster ST_Tile ST_Retile ST_FromGDALRaster
        ST_SetValue ST_SetValues ST_SetGeoReference ST_SetRotation ST_SetScale ST_SetSkew ST_SetUpperLeft ST_Resample
        ST_Rescale ST_Reskew ST_Resize ST_SetBandNoDataValue ST_SetBandIsNoData ST_SetBandPath ST_SetBandIndex
        ST_RastFromWKB ST_RastFromHexWKB ST_Clip ST_ColorMap ST_Grayscale ST_MapAlgebra ST_MapAlgebraExpr
        ST_MapAlgebraFct ST_MapAlgebraFctNgb ST_Reclass ST_Aspect ST_HillShade ST_Roughness ST_Slope ST_TPI ST_TRI
    """,
    "Double": """
        ST_PixelHeight ST_PixelWidth ST_BandNoDataValue ST_Value ST_NearestValue
    """,
    "SummaryStats": """
        ST_SummaryStatsAgg
    """,
    "LargeBinary": """
        ST_AsWKB ST_AsHexWKB ST_AsGDALRaster ST_AsJPEG ST_AsPNG ST_AsTIFF
    """,
}

# The name by its lower case; SQLAlchemy finds a function's class that way.
NAMES = {name.lower(): name for names in BY_TYPE.values() for name in names.split()}
NAMES["st_asgeojson"] = "ST_AsGeoJSON"
